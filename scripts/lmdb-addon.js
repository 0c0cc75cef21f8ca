/**
 * Stands in for node-gyp-build-optional-packages in the bundle: finds LMDB's prebuilt addon through the
 * installed lmdb package, by its usual names first, since looking around costs more than loading it.
 */

import { createRequire } from 'node:module'
import { dirname } from 'node:path'

export default function loadAddon() {
  const fromHere = createRequire(import.meta.url)
  const entry = fromHere.resolve('lmdb')
  const fromLmdb = createRequire(entry)
  const { platform, arch, versions } = process
  for (const libc of platform === 'linux' ? ['glibc', 'musl'] : []) {
    try {
      return fromLmdb(`@lmdb/lmdb-${platform}-${arch}/node.abi${versions.modules}.${libc}.node`)
    } catch {
      // Not this one: another C library, or a Node without a build of its own.
    }
  }
  return fromLmdb('node-gyp-build-optional-packages')(dirname(dirname(entry)))
}
