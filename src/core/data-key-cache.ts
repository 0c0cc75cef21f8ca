/**
 * Data key caching: one data key for several messages, within limits of age, bytes and messages.
 *
 * The cache itself is the official library's. It keys its entries by suite and encryption context only, so every
 * set of keys has a partition of its own here; and it fetches once for each caller that comes to a cold cache, so
 * callers take turns here.
 */

import { createHash } from 'node:crypto'
import {
  getLocalCryptographicMaterialsCache,
  NodeCachingMaterialsManager,
} from '@aws-crypto/caching-materials-manager-node'
import {
  type KeyringNode,
  type NodeAlgorithmSuite,
  NodeDefaultCryptographicMaterialsManager,
  type NodeMaterialsManager,
} from '@aws-crypto/material-management-node'

/** How long, and for how much, a data key is used. All limits are inclusive. */
export interface CacheLimits {
  /** Milliseconds, above 0. */
  readonly maxAgeMs: number
  /** Bytes of plaintext, above 0. */
  readonly maxBytes: number
  /** Messages, 1 to 2^32. */
  readonly maxMessages: number
}

/** The limits when one command seals many files: 60 seconds, 1 GiB, 100 messages. */
export const defaultCacheLimits: CacheLimits = { maxAgeMs: 60_000, maxBytes: 1024 ** 3, maxMessages: 100 }

/**
 * Works with a cache of its own, which is cleared at the end.
 *
 * @param limits those that differ from {@link defaultCacheLimits}
 * @param scope as for {@link DataKeyCache}
 * @param onEnd told how often a data key came from the cache
 */
export async function withDataKeyCache(
  {
    limits = {},
    scope,
    onEnd,
  }: {
    readonly limits?: Partial<CacheLimits>
    readonly scope: string
    readonly onEnd: (savedFetches: number) => void
  },
  work: (cache: DataKeyCache) => Promise<void>,
): Promise<void> {
  const cache = new DataKeyCache({ ...defaultCacheLimits, ...limits }, scope)
  try {
    await work(cache)
  } finally {
    onEnd(cache.savedFetches)
    cache.clear()
  }
}

type LibraryCache = ReturnType<typeof getLocalCryptographicMaterialsCache<NodeAlgorithmSuite>>

const capacity = 1000

/** A cache for one run. */
export class DataKeyCache {
  readonly #limits: CacheLimits
  readonly #scope: string
  readonly #cache: LibraryCache
  readonly #kept = new Set<string>()
  readonly #turns = new Map<string, Promise<unknown>>()
  #requested = 0
  #fetched = 0

  /**
   * @param scope whatever decides who answers and who asks: backend, endpoint, Region, caller
   */
  constructor(limits: CacheLimits, scope: string) {
    this.#limits = limits
    this.#scope = scope
    this.#cache = this.#remembering(getLocalCryptographicMaterialsCache<NodeAlgorithmSuite>(capacity))
  }

  /**
   * Materials of a keyring, through the cache.
   *
   * @param kind such as `seal` or `open pinned`
   * @param keys the recipients or pins in their order
   */
  manager(keyring: KeyringNode, kind: string, keys: readonly string[]): NodeMaterialsManager {
    const partition = createHash('sha256')
      .update(JSON.stringify([this.#scope, kind, ...keys]))
      .digest('hex')
    const backing = this.#counting(new NodeDefaultCryptographicMaterialsManager(keyring))
    const { maxAgeMs, maxBytes, maxMessages } = this.#limits
    const caching = new NodeCachingMaterialsManager({
      cache: this.#cache,
      backingMaterials: backing,
      partition,
      maxAge: maxAgeMs,
      maxBytesEncrypted: maxBytes,
      maxMessagesEncrypted: maxMessages,
    })
    return {
      getEncryptionMaterials: request => {
        this.#requested += 1
        const turn = [partition, request.suite?.id, request.encryptionContext]
        return this.#inTurn(JSON.stringify(turn), () => caching.getEncryptionMaterials(request))
      },
      decryptMaterials: request => {
        this.#requested += 1
        const dataKeys = request.encryptedDataKeys.map(key =>
          Buffer.from(key.encryptedDataKey).toString('base64'),
        )
        const turn = [partition, request.suite.id, request.encryptionContext, dataKeys]
        return this.#inTurn(JSON.stringify(turn), () => caching.decryptMaterials(request))
      },
    }
  }

  /** How often a data key came from the cache instead of its keys. */
  get savedFetches(): number {
    return this.#requested - this.#fetched
  }

  /** Forgets all data keys, and clears them: best effort, since the runtime may have copied them. */
  clear(): void {
    for (const key of [...this.#kept]) this.#cache.del(key)
  }

  /** One caller after the other, so that the first one's data key is there for the next. */
  #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const result = (this.#turns.get(key) ?? Promise.resolve()).then(work, work)
    this.#turns.set(key, result)
    const done = (): void => {
      if (this.#turns.get(key) === result) this.#turns.delete(key)
    }
    result.then(done, done)
    return result
  }

  #counting(manager: NodeMaterialsManager): NodeMaterialsManager {
    return {
      getEncryptionMaterials: request => {
        this.#fetched += 1
        return manager.getEncryptionMaterials(request)
      },
      decryptMaterials: request => {
        this.#fetched += 1
        return manager.decryptMaterials(request)
      },
    }
  }

  #remembering(cache: LibraryCache): LibraryCache {
    return {
      ...cache,
      putEncryptionMaterial: (key, ...rest) => {
        this.#kept.add(key)
        cache.putEncryptionMaterial(key, ...rest)
      },
      putDecryptionMaterial: (key, ...rest) => {
        this.#kept.add(key)
        cache.putDecryptionMaterial(key, ...rest)
      },
      del: key => {
        this.#kept.delete(key)
        cache.del(key)
      },
    }
  }
}
