/** Whether compiled code is kept, in words: what `kmseal doctor` tells of it. The start itself says nothing. */

import { CodeCache, codeCacheFolder, type FolderFault } from './code-cache.ts'

/** What is to be known. */
export interface CacheState {
  /** Off, and nobody asked for that. */
  readonly isFaulty: boolean
  readonly text: string
  /** What to do about a fault. */
  readonly hint?: string
}

/**
 * Looks at the folder for compiled code, and makes it as the end of any run does.
 *
 * @param user whose it must be: the effective user id
 */
export function codeCacheState(
  env: Readonly<Record<string, string | undefined>>,
  user: number | undefined,
): CacheState {
  if (env['NODE_DISABLE_COMPILE_CACHE']) return { isFaulty: false, text: 'off by NODE_DISABLE_COMPILE_CACHE' }
  if (user === undefined) return { isFaulty: false, text: 'off, as this system has no user ids' }
  const folder = codeCacheFolder(env)
  if (folder === undefined)
    return { isFaulty: true, text: 'off: there is no place for it', hint: otherFolder }
  const cache = new CodeCache(folder, 'state', user)
  cache.prepare()
  const { fault } = cache
  if (fault === undefined) return { isFaulty: false, text: `in ${folder}` }
  return { isFaulty: true, text: `off: ${fault.folder} ${reasons[fault.why]}`, hint: hintOf(fault) }
}

const otherFolder =
  'set HOME or XDG_CACHE_HOME to a folder of your own, or NODE_DISABLE_COMPILE_CACHE=1 to do without'

const reasons: Readonly<Record<FolderFault['why'], string>> = {
  missing: 'cannot be made',
  'no folder': 'is no folder',
  'owned by another': 'belongs to another user',
  'open to others': 'is open to other users',
  'written by others': 'can be written by other users',
}

function hintOf({ why }: FolderFault): string {
  if (why === 'open to others') return 'starts are slower; take their rights to it away with chmod 700'
  if (why === 'written by others') return 'starts are slower; take their right to write away with chmod go-w'
  return `starts are slower; ${otherFolder}`
}
