/** The materials that a key ever had: which one it uses, since when, and whether imported ones are there. */

import type { Context } from '../operation.ts'
import { table } from '../store.ts'
import { type KeyRecord, regionOf, saveShared } from './key-record.ts'
import { saveMaterial } from './materials.ts'
import { newMaterialId, symmetricSecret } from './new-key.ts'

/** One material of a key, in the order of their use. Times are milliseconds since 1970. */
export interface KeyMaterial {
  readonly id: string
  /** When and how the key changed over to it; absent for the first one, and while it waits for its rotation. */
  readonly rotated?: { readonly date: number; readonly type: 'AUTOMATIC' | 'ON_DEMAND' } | undefined
  /** Of imported material. */
  readonly imported?: ImportedMaterial | undefined
}

/** What is known of an import. */
export interface ImportedMaterial {
  /** Whether it is there; deleted material may be imported again. */
  readonly present: boolean
  readonly validTo?: number | undefined
  readonly description?: string | undefined
}

// Kept once it differs from the one material that every key begins with.
const materialsOfKeys = table<readonly KeyMaterial[]>('materials-of-key')

/** The materials of a key, the first one first; the last one may wait for its rotation. */
export function materialsOf(context: Context, key: KeyRecord): readonly KeyMaterial[] {
  const known = materialsOfKeys.get(context.store, scopeOf(key), key.id)
  return known ?? (key.materialId === '' ? [] : [{ id: key.materialId }])
}

/** Keeps the materials of a key; only inside a transaction. */
export function saveMaterialsOf(context: Context, key: KeyRecord, materials: readonly KeyMaterial[]): void {
  materialsOfKeys.put(context.store, scopeOf(key), key.id, materials)
}

/** Forgets which materials a key had; only inside a transaction. */
export function removeMaterialsOf(context: Context, key: KeyRecord): void {
  materialsOfKeys.remove(context.store, scopeOf(key), key.id)
}

/** Whether imported material is there and has not expired. */
export function isPresent(context: Context, { imported }: KeyMaterial): boolean {
  if (imported === undefined) return true
  return imported.present && (imported.validTo === undefined || context.now < imported.validTo)
}

/** Material that was imported and waits for a rotation. */
export function pendingMaterial(context: Context, key: KeyRecord): KeyMaterial | undefined {
  return materialsOf(context, key).find(({ id, rotated }, index) => {
    return index > 0 && rotated === undefined && id !== key.materialId
  })
}

/** Gives a key the material that it makes itself, or that waits for it; only inside a transaction. */
export function rotateKey(
  context: Context,
  key: KeyRecord,
  rotated: NonNullable<KeyMaterial['rotated']>,
  next: KeyRecord['rotation'] = key.rotation,
): KeyRecord {
  const materials = materialsOf(context, key)
  const pending = pendingMaterial(context, key)
  if (pending) {
    saveMaterialsOf(
      context,
      key,
      materials.map(material => (material.id === pending.id ? { ...material, rotated } : material)),
    )
    return saveShared(context, key, { materialId: pending.id })
  }
  const id = newMaterialId(context)
  saveMaterial(context, id, { account: key.account, keyId: key.id, ...symmetricSecret(context) })
  saveMaterialsOf(context, key, [...materials, { id, rotated }])
  return saveShared(context, key, { materialId: id, rotation: next })
}

/**
 * Makes up for the automatic rotations whose time has come; a disabled key waits.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
 */
export function rotateWhenDue(context: Context, found: KeyRecord, reload: () => KeyRecord): KeyRecord {
  if (!isDue(context, found)) return found
  return context.store.write(() => {
    let key = reload()
    while (isDue(context, key) && key.rotation) {
      const { next: date, periodDays } = key.rotation
      const next = date + periodDays * 24 * 60 * 60 * 1000
      key = rotateKey(context, key, { date, type: 'AUTOMATIC' }, { periodDays, next })
    }
    return key
  })
}

function isDue(context: Context, key: KeyRecord): boolean {
  return key.state === 'Enabled' && key.rotation !== undefined && context.now >= key.rotation.next
}

/** A multi-Region key has the same materials everywhere. */
function scopeOf(key: KeyRecord): { account: string; region: string } {
  return { account: key.account, region: key.multiRegion ? '*' : regionOf(key) }
}
