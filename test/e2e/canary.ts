/** Commands with a secret that must turn up nowhere but where it was asked for. */

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { Workplace } from '../helpers/process.ts'

const canary = 'hunter2-CANARY-9f8e7d'
// As the wire carries what a client encrypts.
const forms = [
  canary,
  Buffer.from(canary).toString('base64').replace(/=+$/, ''),
  Buffer.from(canary).toString('hex'),
]

/** A place with the secret in two parameters and in files to import. */
export async function canaryPlace(): Promise<Workplace> {
  const place = new Workplace()
  writeFileSync(place.path('in.env'), `SECRET='${canary}'\n`)
  writeFileSync(place.path('in.json'), JSON.stringify({ nested: { secret: canary }, s: canary }))
  writeFileSync(place.path('in.yaml'), `secret: "${canary}"\n`)
  writeFileSync(place.path('broken.env'), `A=1\nSECRET="${canary}\n`)
  writeFileSync(place.path('broken.json'), `{"a": "${canary}",\n"b": ${canary}}`)
  writeFileSync(place.path('broken.yaml'), `a: 1\nb: "${canary}\n`)
  await place.kmseal(['put-param', '/app/secret'], { stdin: canary })
  await place.kmseal(['put-param', '/app/other/secret'], { stdin: `${canary}\nmore` })
  await place.kmseal(['create-key', '--origin', 'EXTERNAL', '--alias', 'alias/own'])
  await place.kmseal(['create-key', '--alias', 'alias/kms'])
  await place.kmseal(['create-key', '--key-spec', 'ECC_NIST_P256', '--alias', 'alias/signs'])
  await place.kmseal(['create-key', '--key-spec', 'HMAC_256', '--alias', 'alias/macs'])
  return place
}

const inputs = new Set(['in.env', 'in.json', 'in.yaml', 'broken.env', 'broken.json', 'broken.yaml'])

function filesWithCanary(folder: string): string[] {
  return readdirSync(folder).flatMap(name => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return filesWithCanary(path)
    const text = readFileSync(path, 'latin1')
    return !inputs.has(name) && forms.some(form => text.includes(form)) ? [path] : []
  })
}

/** Words, input, and whether the secret is asked for on standard output. */
const commands: readonly (readonly [readonly string[], string | undefined, boolean])[] = [
  [['put-param', '/new/secret', '--overwrite'], canary, false],
  [['put-param', '/new/sealed', '--overwrite', '--seal'], canary, false],
  [
    ['put-param', '/new/plain', '--overwrite', '--type', 'String', '--allowed-pattern', '\\d+'],
    canary,
    false,
  ],
  [['put-param', '/new/nested', '--overwrite'], `{{${canary}}}`, false],
  [['put-param', '/new/large', '--overwrite'], canary.repeat(400), false],
  [['import-params', 'in.env', '--prefix', '/i1', '--yes'], undefined, false],
  [['import-params', 'in.json', '--prefix', '/i2', '--yes', '--json'], undefined, false],
  [['import-params', 'in.yaml', '--prefix', '/i3', '--dry-run', '--prune'], undefined, false],
  [['import-params', 'broken.env', '--prefix', '/i4', '--yes'], undefined, false],
  [['import-params', 'broken.json', '--prefix', '/i4', '--yes'], undefined, false],
  [['import-params', 'broken.yaml', '--prefix', '/i4', '--yes'], undefined, false],
  [['copy-param', '/app', '/copy', '--recursive', '--overwrite'], undefined, false],
  [['rollback-param', '/app/secret', '--to', '1'], undefined, false],
  [['param-history', '/app/secret'], undefined, false],
  [['list-params', '--json'], undefined, false],
  [['exec', '/app', '--', 'true'], undefined, false],
  [['exec', '/app', '--param', '/app/secret=OTHER_SECRET', '--', 'true'], undefined, false],
  [['exec', '/app', '--', './nosuch'], undefined, false],
  [['exec', '/app', '--require', 'NOPE', '--', 'true'], undefined, false],
  [['get-param', '/app/secret', '--open'], undefined, false],
  [['import-key-material', '--key-id', 'alias/own', '--key-material', '-'], canary, false],
  // Of the right length, but for keys that take none: what a key takes, the mock's own state holds.
  [['import-key-material', '--key-id', 'alias/signs', '--key-material', '-'], canary.padEnd(32, 'x'), false],
  [['import-key-material', '--key-id', 'alias/kms', '--key-material', '-'], canary.padEnd(32, 'x'), false],
  [['sign', '--key-id', 'alias/signs'], canary, false],
  [['sign', '--key-id', 'alias/signs', '--message-type', 'DIGEST'], canary, false],
  [['mac', '--key-id', 'alias/macs'], canary, false],
  [['get-param', '/app/secret'], undefined, true],
  [['export-params', '/app'], undefined, true],
]

/** Runs all commands with faults in the mock, and expects the secret in no message and no file. */
export async function expectNoCanary(place: Workplace, faults: string): Promise<void> {
  for (const [words, stdin, asked] of commands) {
    const input = stdin === undefined ? {} : { stdin }
    const env = { KMSEAL_MOCK_FAULTS: faults }
    const { stdout, stderr, status } = await place.kmseal([...words, '--debug'], { ...input, env })
    const context = `${words.join(' ')} (status ${status})`
    for (const form of forms) {
      expect(stderr, context).not.toContain(form)
      if (!asked || status !== 0) expect(stdout.toString(), context).not.toContain(form)
    }
  }
  expect(filesWithCanary(place.folder)).toEqual([])
}
