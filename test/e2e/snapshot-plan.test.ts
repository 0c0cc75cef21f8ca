/** The script of `share-snapshot-policy --plan`: sound to shellcheck, and run to its end against an `aws` that notes. */

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCli } from '../helpers/cli.ts'
import { testFolder } from '../helpers/folder.ts'
import { hasProgram } from '../helpers/programs.ts'

const key = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'

async function planOf(...words: string[]): Promise<string> {
  const command = [
    'share-snapshot-policy',
    '--key-id',
    key,
    '--target-account',
    '222233334444',
    '--plan',
    ...words,
  ]
  const { status, stdout, stderr } = await runCli(command)
  expect([status, stderr]).toEqual([0, ''])
  return stdout.toString()
}

const kinds: [string, string[]][] = [
  ['ec2, the whole account', []],
  ['ec2, a role with a path', ['--target-role', 'service/backup', '--snapshot-id', 'snap-0123456789abcdef0']],
  [
    'ec2, a user',
    ['--target-principal', 'arn:aws:iam::222233334444:user/ops', '--target-key-id', 'alias/copies'],
  ],
  ['rds, the whole account', ['--service', 'rds']],
  ['rds, a role', ['--service', 'rds', '--target-role', 'backup', '--snapshot-id', 'orders-2030']],
]

describe('the plan of sharing a snapshot', () => {
  it.runIf(hasProgram('shellcheck')).each(kinds)('passes shellcheck: %s', async (_what, words) => {
    const { status, stdout } = spawnSync('shellcheck', ['-'], {
      input: await planOf(...words),
      encoding: 'utf8',
    })
    expect([status, stdout]).toEqual([0, ''])
  })

  it.runIf(hasProgram('jq')).each(kinds)('runs to its end, for both accounts: %s', async (_what, words) => {
    const folder = testFolder()
    const calls = runPlan(folder, await planOf(...words))
    const service = words.includes('rds') ? 'rds' : 'ec2'
    expect(calls.map(call => call.split(' ').slice(0, 2).join(' '))).toEqual(expected[service](words))
    const profiles = calls.map(call => /--profile (\w+)/.exec(call)?.[1])
    const firstOfTarget = calls.findIndex(call => call.startsWith('iam'))
    expect(new Set(profiles.slice(0, firstOfTarget))).toEqual(new Set(['ours']))
    expect(new Set(profiles.slice(firstOfTarget))).toEqual(new Set(['theirs']))
    // The policy that was put has the statement that was there and both of ours; a second run adds nothing.
    const put = readFileSync(join(folder, 'policy.json'), 'utf8')
    expect(JSON.parse(put).Statement).toHaveLength(3)
    runPlan(folder, await planOf(...words))
    expect(JSON.parse(readFileSync(join(folder, 'policy.json'), 'utf8'))).toEqual(JSON.parse(put))
  })

  it('stops when a variable is missing, before anything is done', async () => {
    const folder = testFolder()
    const { status, stderr } = shell(folder, await planOf(), { TARGET_ROLE: '' })
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/TARGET_ROLE: name of the role in account 222233334444 that copies/)
  })
})

const expected = {
  ec2: (words: string[]) => [
    ...[
      'ec2 describe-snapshots',
      'ec2 copy-snapshot',
      'ec2 wait',
      'kms get-key-policy',
      'kms put-key-policy',
    ],
    ...[
      'ec2 modify-snapshot-attribute',
      words.join().includes('user/') ? 'iam put-user-policy' : 'iam put-role-policy',
    ],
    ...['ec2 describe-snapshots', 'ec2 copy-snapshot', 'ec2 wait', 'ec2 create-volume'],
  ],
  rds: () => [
    ...[
      'rds describe-db-snapshots',
      'rds copy-db-snapshot',
      'rds wait',
      'kms get-key-policy',
      'kms put-key-policy',
    ],
    ...['rds modify-db-snapshot-attribute', 'iam put-role-policy', 'rds describe-db-snapshots'],
    ...['rds copy-db-snapshot', 'rds wait', 'rds restore-db-instance-from-db-snapshot'],
  ],
}

/** An `aws` that notes its arguments, and keeps the key policy that it is given. */
const aws = `#!/bin/sh
printf '%s\\n' "$*" >>"$FOLDER/calls"
case "$1 $2" in
'kms get-key-policy') cat "$FOLDER/policy.json" ;;
'kms put-key-policy')
  for file in "$@"; do case $file in file://*) cp "\${file#file://}" "$FOLDER/policy.json" ;; esac; done ;;
*copy-snapshot) echo snap-00000000000000001 ;;
*describe*) echo 'arn:aws:kms:eu-west-1:111122223333:key/another' ;;
esac
`

function shell(folder: string, script: string, env: Record<string, string> = {}) {
  const path = join(folder, 'aws')
  writeFileSync(path, aws)
  chmodSync(path, 0o755)
  const variables = {
    PATH: `${folder}:${process.env['PATH']}`,
    FOLDER: folder,
    OWNER_PROFILE: 'ours',
    TARGET_PROFILE: 'theirs',
    SNAPSHOT_ID: 'snap-00000000000000000',
    TARGET_KEY_ID: 'alias/copies',
    TARGET_ROLE: 'backup',
  }
  return spawnSync('sh', ['-s'], { input: script, encoding: 'utf8', env: { ...variables, ...env } })
}

function runPlan(folder: string, script: string): string[] {
  const policy = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'kms:*' } }
  const calls = join(folder, 'calls')
  writeFileSync(calls, '')
  if (!existsSync(join(folder, 'policy.json')))
    writeFileSync(join(folder, 'policy.json'), JSON.stringify(policy))
  const { status, stderr } = shell(folder, script)
  expect([status, stderr]).toEqual([0, ''])
  return readFileSync(calls, 'utf8').trimEnd().split('\n')
}
