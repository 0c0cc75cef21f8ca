/** Making a key: its id, its material, its record. */

import { generateKeyPair, type KeyPairKeyObjectResult } from 'node:crypto'
import { promisify } from 'node:util'
import type { Context } from '../operation.ts'
import { defaultKeyPolicy } from './key-policy-text.ts'
import { type KeyRecord, type KeyTag, keyArn, saveKey } from './key-record.ts'
import type { KeyUsage, MaterialForm } from './key-specs.ts'
import { type Material, saveMaterial } from './materials.ts'

const dayMs = 24 * 60 * 60 * 1000

/** What may differ between new keys. */
export interface NewKey {
  readonly spec: string
  readonly usage: KeyUsage
  /** Id of a seeded key; otherwise random. */
  readonly id?: string
  /** Id (64 hex digits) of seeded material; otherwise random. */
  readonly materialId?: string
  readonly manager?: KeyRecord['manager']
  readonly multiRegion?: boolean | undefined
  readonly description?: string
  readonly policy?: string
  readonly tags?: readonly KeyTag[]
}

/** The secret part of a key that is about to be made. */
export type NewSecret = Pick<Material, 'secret' | 'publicKey'>

type PairForm = Exclude<MaterialForm, { type: 'bytes' }>

/** 32 random bytes for a symmetric key. */
export function symmetricSecret(context: Context): NewSecret {
  return { secret: context.randomBytes(32).toString('base64') }
}

/**
 * New material of a form. An RSA key of 4096 bits takes up to seconds, so make it before a transaction begins.
 * Key pairs are not drawn from `context.randomBytes`: node makes them from its own randomness only.
 */
export async function newSecret(context: Context, form: MaterialForm): Promise<NewSecret> {
  if (form.type === 'bytes') return { secret: context.randomBytes(form.length).toString('base64') }
  const { privateKey, publicKey } = await newKeyPair(form)
  return { secret: privateKey.toString('base64'), publicKey: publicKey.toString('base64') }
}

/** A new key pair: PKCS#8 DER and SPKI DER. */
export async function newKeyPair(form: PairForm): Promise<{ privateKey: Buffer; publicKey: Buffer }> {
  const { privateKey, publicKey } = await generatePair(form)
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
  }
}

function generatePair(form: PairForm): Promise<KeyPairKeyObjectResult> {
  const generate = promisify(generateKeyPair)
  switch (form.type) {
    case 'rsa':
      return generate('rsa', { modulusLength: form.modulusBits })
    case 'ec':
      return generate('ec', { namedCurve: form.curve })
    case 'ed25519':
      return generate('ed25519')
  }
}

/**
 * Writes a new key with its material, enabled, or without material, pending import; only inside a transaction.
 */
export function addKey(context: Context, secret: NewSecret | undefined, wanted: NewKey): KeyRecord {
  const id = wanted.id ?? newId(context, wanted.multiRegion)
  const materialId = secret === undefined ? '' : (wanted.materialId ?? newMaterialId(context))
  const key: KeyRecord = {
    id,
    arn: keyArn(context, id),
    account: context.account,
    created: context.now,
    description: wanted.description ?? '',
    spec: wanted.spec,
    usage: wanted.usage,
    origin: secret === undefined ? 'EXTERNAL' : 'AWS_KMS',
    manager: wanted.manager ?? 'CUSTOMER',
    state: secret === undefined ? 'PendingImport' : 'Enabled',
    materialId,
    ...(wanted.multiRegion ? { multiRegion: { primary: context.region, regions: [context.region] } } : {}),
    ...(wanted.manager === 'AWS' ? { rotation: { periodDays: 365, next: context.now + 365 * dayMs } } : {}),
    policy: wanted.policy ?? defaultKeyPolicy(context),
    tags: wanted.tags ?? [],
  }
  if (secret) saveMaterial(context, materialId, { account: context.account, keyId: id, ...secret })
  saveKey(context, key)
  return key
}

/** A random id of material: 64 hex digits. */
export function newMaterialId(context: Context): string {
  return context.randomBytes(32).toString('hex')
}

function newId(context: Context, multiRegion: boolean | undefined): string {
  const id = context.randomBytes(16)
  return multiRegion ? `mrk-${id.toString('hex')}` : uuid(id)
}

/** A version 4 UUID from 16 random bytes. */
export function uuid(random: Buffer): string {
  const bytes = Buffer.from(random)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
