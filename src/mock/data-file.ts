/** A look at LMDB's data file before LMDB maps it, since a cut or foreign file could crash the process. */

import fs from 'node:fs'
import { arch } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { KmsealError } from '../errors.ts'

const magic = 0xbeefc0de
const dataVersion = 2
const metaFlag = 0x08
const branchFlag = 0x01
const leafFlag = 0x02
const bigDataFlag = 0x01
const noPage = 0xffffffffffffffffn
const pageHeaderBytes = 24
// The page header, then magic, version, address, map size, two database records of 48 bytes, the last page, ...
const metaBytes = 160

interface Meta {
  readonly pageSize: number
  readonly lastPage: number
  readonly roots: readonly number[]
  readonly transaction: bigint
}

/**
 * Checks that the file is absent or empty, or begins with LMDB's two meta pages and is long enough for every page
 * that they lead to. It reads two pages, unless the file looks short.
 *
 * @param directory the folder, for the error text
 * @throws KmsealError failed when it is no LMDB file of a known version, or is cut
 * @see http://www.lmdb.tech/doc/
 */
export async function checkDataFile(path: string, directory: string): Promise<void> {
  if (!fs.existsSync(path)) return
  // The offsets below are those of 64-bit builds; others are left to LMDB's own checks.
  if (!['x64', 'arm64'].includes(arch())) return
  let problem: string | undefined
  // A second look, because another process may have been in the middle of a commit.
  for (let attempt = 0; attempt < 2; attempt++) {
    problem = findProblem(path)
    if (problem === undefined) return
    await setTimeout(20)
  }
  throw new KmsealError('failed', `the mock's state in ${directory} is damaged: ${problem}`, {
    hint: 'restore the folder, or name another one with --state or KMSEAL_MOCK_DIR',
  })
}

function findProblem(path: string): string | undefined {
  const file = fs.openSync(path, 'r')
  try {
    if (fs.fstatSync(file).size === 0) return undefined
    const first = parseMeta(read(file, 0, metaBytes))
    if (first === undefined) return 'its data file is not one of LMDB'
    const second = parseMeta(read(file, first.pageSize, metaBytes))
    if (second === undefined || second.pageSize !== first.pageSize) return 'its data file is cut or altered'
    const meta = second.transaction > first.transaction ? second : first
    const pages = Math.floor(fs.fstatSync(file).size / meta.pageSize)
    if (meta.lastPage < pages) return undefined
    // LMDB does not write a page that was freed again in the transaction that made it, so that a sound file
    // may be short of its last pages; a cut one is short of pages in use.
    const complete = reachesOnly(file, meta, pages)
    return complete ? undefined : 'its data file is cut'
  } finally {
    fs.closeSync(file)
  }
}

function parseMeta(page: Buffer): Meta | undefined {
  if (page.length < metaBytes) return undefined
  if (page.readUInt16LE(18) !== metaFlag || page.readUInt32LE(24) !== magic) return undefined
  if ((page.readUInt32LE(28) & 0xffff) !== dataVersion) return undefined
  const pageSize = page.readUInt32LE(48)
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0) return undefined
  return {
    pageSize,
    lastPage: Number(page.readBigUInt64LE(144)),
    roots: [page.readBigUInt64LE(88), page.readBigUInt64LE(136)].filter(root => root !== noPage).map(Number),
    transaction: page.readBigUInt64LE(152),
  }
}

function reachesOnly(file: number, meta: Meta, pages: number): boolean {
  const waiting = [...meta.roots]
  for (let page = waiting.pop(); page !== undefined; page = waiting.pop()) {
    if (page >= pages) return false
    const below = pagesBelow(read(file, page * meta.pageSize, meta.pageSize), meta.pageSize)
    if (below === undefined || waiting.length > pages) return false
    if (below.values.some(last => last >= pages)) return false
    waiting.push(...below.trees)
  }
  return true
}

/** What a page of a tree refers to (pages below it; the last pages of long values); undefined if it is none. */
function pagesBelow(page: Buffer, pageSize: number): { trees: number[]; values: number[] } | undefined {
  try {
    const flags = page.readUInt16LE(18)
    if ((flags & (branchFlag | leafFlag)) === 0) return undefined
    const found = { trees: [] as number[], values: [] as number[] }
    const slots = (page.readUInt16LE(20) - pageHeaderBytes) >> 1
    for (let slot = 0; slot < slots; slot++) {
      const node = page.readUInt16LE(pageHeaderBytes + 2 * slot)
      const nodeFlags = page.readUInt16LE(node + 4)
      if (flags & branchFlag) {
        found.trees.push(page.readUInt32LE(node) + nodeFlags * 2 ** 32)
      } else if (nodeFlags & bigDataFlag) {
        const data = node + 8 + page.readUInt16LE(node + 6)
        const bytes = page.readUInt32LE(node)
        const length = Math.ceil((pageHeaderBytes + bytes) / pageSize)
        found.values.push(Number(page.readBigUInt64LE(data)) + length - 1)
      }
    }
    return found
  } catch {
    return undefined
  }
}

function read(file: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length)
  return buffer.subarray(0, fs.readSync(file, buffer, 0, length, position))
}
