/** Reads everything below a path, in as few rounds as the service allows. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  GetParametersByPathCommand,
  GetParametersCommand,
  type Parameter,
  type SSMClient,
} from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'
import { KmsealError } from '../errors.ts'
import type { Reading } from './get-parameter.ts'
import { listPage, type ParameterPage } from './list-parameters.ts'
import { Pace } from './pace.ts'
import { qualifiedName } from './parameter-name.ts'

/** Names that one request takes. */
const batchSize = 10
/** Requests in flight at a time, while the service does not mind. */
const mostRequests = 8

/**
 * Reads all parameters below a path, at any depth, sorted by name. A parameter whose name is the path itself is not
 * below it.
 *
 * A page by path has ten parameters and leads to the next one, so that many take long. After the first page the
 * names are listed fifty at a time, and the values are read side by side; who may not list or may not read
 * everything by name gets the pages.
 *
 * @param path without a slash at its end, or `/`
 * @returns nothing when nothing is there
 * @throws KmsealError `denied`, `unavailable`, `failed` (a key cannot be used)
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
 */
export async function readTree(reading: Reading, path: string): Promise<Parameter[]> {
  const tree = new TreeReader(await reading.ssm.client(), path, reading.withDecryption)
  await tree.readPages(1)
  if (!tree.complete) {
    try {
      await tree.readListed()
    } catch (error) {
      if (!(error instanceof KmsealError) || error.code !== 'denied') throw error
      await tree.readPages(Number.POSITIVE_INFINITY)
    }
  }
  return tree.sorted()
}

/** What is below some paths. */
export interface Trees {
  /** In the order of the paths, and by name below each. */
  readonly found: readonly { readonly path: string; readonly parameter: Parameter }[]
  /** Paths that nothing is below. */
  readonly empty: readonly string[]
}

/**
 * Reads what is below several paths, each of them once.
 *
 * @throws KmsealError as {@link readTree}
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
 */
export async function readTrees(reading: Reading, paths: readonly string[]): Promise<Trees> {
  const unique = [...new Set(paths)]
  const trees = await Promise.all(unique.map(async path => ({ path, found: await readTree(reading, path) })))
  return {
    found: trees.flatMap(({ path, found }) => found.map(parameter => ({ path, parameter }))),
    empty: trees.filter(({ found }) => found.length === 0).map(({ path }) => path),
  }
}

/** One tree while it is being read. */
class TreeReader {
  readonly #pace = new Pace(mostRequests)
  readonly #found = new Map<string, Parameter>()
  readonly #client: SSMClient
  readonly #path: string
  readonly #decrypts: boolean
  #token: string | undefined
  complete = false

  constructor(client: SSMClient, path: string, decrypts: boolean) {
    this.#client = client
    this.#path = path
    this.#decrypts = decrypts
  }

  sorted(): Parameter[] {
    const entries = [...this.#found].sort(([one], [other]) => (one < other ? -1 : 1))
    return entries.map(([, parameter]) => parameter)
  }

  async readPages(most: number): Promise<void> {
    for (let count = 0; count < most && !this.complete; count += 1) {
      const command = new GetParametersByPathCommand({
        Path: this.#path,
        Recursive: true,
        WithDecryption: this.#decrypts,
        MaxResults: batchSize,
        NextToken: this.#token,
      })
      const subject = { action: 'ssm:GetParametersByPath', object: `path ${this.#path}` }
      const page = await this.#pace.run(() => send(this.#client, command, subject))
      this.#keep(page.Parameters)
      this.#token = page.NextToken
      this.complete = page.NextToken === undefined || page.NextToken === ''
    }
  }

  async readListed(): Promise<void> {
    const listing = { ssm: this.#client, path: this.#path, oneLevel: false }
    const batches: Promise<void>[] = []
    let failed = false
    const start = (names: string[]): void => {
      const batch = this.#readBatch(names)
      // Waited for at the end; until then a failure only stops the listing.
      batch.catch(() => {
        failed = true
      })
      batches.push(batch)
    }
    const list = (token?: string) => this.#pace.run(() => listPage(listing, token))
    const names: string[] = []
    let listed: Promise<ParameterPage> | undefined = list()
    while (listed !== undefined) {
      const { parameters, token }: ParameterPage = await listed
      listed = token === undefined || failed ? undefined : list(token)
      listed?.catch(() => undefined)
      // Each page waits for the one before: a request for values that was made first would hold all of them up.
      await nextTurn()
      names.push(
        ...parameters.map(({ Name = '' }) => Name).filter(name => !this.#found.has(qualifiedName(name))),
      )
      while (names.length >= batchSize || (listed === undefined && names.length > 0)) {
        start(names.splice(0, batchSize))
      }
    }
    await Promise.all(batches)
    this.complete = true
  }

  async #readBatch(names: string[]): Promise<void> {
    const command = new GetParametersCommand({ Names: names, WithDecryption: this.#decrypts })
    const subject = { action: 'ssm:GetParameters', object: `parameters ${names.join(', ')}` }
    const answer = await this.#pace.run(() => send(this.#client, command, subject))
    // Names that are not there any more were deleted since they were listed.
    this.#keep(answer.Parameters)
  }

  #keep(parameters: readonly Parameter[] = []): void {
    for (const parameter of parameters) this.#found.set(qualifiedName(parameter.Name ?? ''), parameter)
  }
}
