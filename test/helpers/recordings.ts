/** Responses that were recorded from AWS, from a folder that KMSEAL_TEST_RECORDED names, and how ours compare. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** An answer on the wire. */
export interface WireAnswer {
  readonly status: number
  readonly body: unknown
}

/** What was recorded under one name: of a request, or a part of its answer. */
export interface Recording {
  /** Name of the recorded test, without its parameters. */
  readonly scenario: string
  /** Its parameters, such as `RSA_2048` and `RSASSA_PSS_SHA_256`. */
  readonly parameters: readonly string[]
  readonly responses: Readonly<Record<string, unknown>>
}

interface Snapshot {
  readonly 'recorded-content': Readonly<Record<string, unknown>>
}

/** Reads all recordings of the `*.snapshot.json` files; none when the variable is not set. */
export function readRecordings(): readonly Recording[] {
  const folder = process.env['KMSEAL_TEST_RECORDED']
  if (folder === undefined || folder === '') {
    if (process.env['KMSEAL_TEST_REQUIRE_ALL'] === '1') throw new Error('KMSEAL_TEST_RECORDED is not set')
    process.stderr.write(
      'notice: tests against recorded responses are left out: KMSEAL_TEST_RECORDED is not set\n',
    )
    return []
  }
  if (!existsSync(folder)) throw new Error('KMSEAL_TEST_RECORDED names no folder')
  return readdirSync(folder)
    .filter(name => name.endsWith('.snapshot.json'))
    .flatMap(name =>
      Object.entries(JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, Snapshot>),
    )
    .map(([id, snapshot]) => {
      const [, scenario = '', parameters = ''] = /::(?:test_)?(\w+)(?:\[(.*)\])?$/.exec(id) ?? []
      return { scenario, parameters: parameters.split('-'), responses: snapshot['recorded-content'] }
    })
    .filter(({ responses }) => Object.keys(responses).length > 0)
}

// Came later than some recordings.
const newMembers = new Set(['KeyMaterialId', 'SourceKeyMaterialId', 'DestinationKeyMaterialId'])
// What the recording's own request said, and ours did not.
const freeMembers = new Set(['Description', 'TagKey', 'TagValue', 'Value'])

/**
 * How our answer differs from a recorded one; empty when it does not. Names in angle brackets stand for a text that
 * is the same wherever the name is; words for what cannot repeat, such as `ciphertext-blob`, stand for any text.
 */
export function differences(recorded: unknown, ours: unknown, names: Map<string, string>): readonly string[] {
  const found: string[] = []
  compare(recorded, ours, '')
  return found

  function compare(theirs: unknown, mine: unknown, path: string): void {
    if (Array.isArray(theirs)) {
      if (!Array.isArray(mine) || mine.length !== theirs.length) {
        found.push(`${path}: a list of ${theirs.length}, not ${JSON.stringify(mine)}`)
      } else {
        for (const [index, item] of theirs.entries()) compare(item, mine[index], `${path}[${index}]`)
      }
    } else if (isRecord(theirs)) {
      if (!isRecord(mine)) found.push(`${path}: an object, not ${JSON.stringify(mine)}`)
      else compareMembers(theirs, mine, path)
    } else if (typeof theirs === 'string') {
      if (!matchesText(theirs, mine)) found.push(`${path}: ${theirs}, not ${JSON.stringify(mine)}`)
    } else if (theirs !== mine) found.push(`${path}: ${String(theirs)}, not ${JSON.stringify(mine)}`)
  }

  function compareMembers(
    theirs: Record<string, unknown>,
    mine: Record<string, unknown>,
    path: string,
  ): void {
    for (const name of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
      const place = `${path}.${name}`
      if (!(name in mine)) found.push(`${place}: missing`)
      else if (name in theirs) {
        if (freeMembers.has(name)) compare(typeof theirs[name], typeof mine[name], place)
        else compare(theirs[name], mine[name], place)
      } else if (!newMembers.has(name)) found.push(`${place}: not recorded`)
    }
  }

  function matchesText(theirs: string, mine: unknown): boolean {
    if (/^<?datetime>?$/.test(theirs)) return typeof mine === 'number'
    if (typeof mine !== 'string') return false
    if (/^[a-z]+(-[a-z]+)+$|^plaintext$/.test(theirs) && theirs !== 'us-east-1') return mine.length > 0
    return matchesNames(shortened(theirs), shortened(mine))
  }

  function matchesNames(theirs: string, mine: string): boolean {
    const parts = theirs.split(/(<[a-z0-9:-]+>)/)
    const order = parts.filter(part => part.startsWith('<'))
    const pattern = parts
      .map(part => (part.startsWith('<') ? '(\\S+?)' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
      .join('')
    const match = new RegExp(`^${pattern}$`).exec(mine)
    if (match === null) return false
    return order.every((name, index) => {
      const value = match[index + 1] ?? ''
      // Without a number, a name is of no one thing.
      if (!name.includes(':')) return true
      const known = names.get(name)
      names.set(name, known ?? value)
      return known === undefined || known === value
    })
  }
}

/** Takes out of a text what the request said, and what a list of values has gained since. */
function shortened(text: string): string {
  return text
    .replace(/(Value|Invalid keyId) '[^']*'/, "$1 '…'")
    .replace(/(?:, )?(?:SM2|ECC_NIST_EDWARDS25519|ML_DSA_\d+|KEY_AGREEMENT)(?=[,\]])/g, '')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
