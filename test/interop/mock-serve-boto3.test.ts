/** boto3 and the aws CLI as clients of `kmseal mock serve`: every operation, its results and its refusals. */

import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { kmsOperations } from '../../src/mock/kms/operations.ts'
import { ssmOperations } from '../../src/mock/ssm/operations.ts'
import { runProcess } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'
import { startServe } from '../helpers/serve.ts'

const hasModules =
  process.env['KMSEAL_TEST_REQUIRE_ALL'] === '1' ||
  spawnSync('python3', ['-c', 'import boto3, awscli.clidriver, cryptography']).status === 0

it.runIf(hasProgram('aws') && hasProgram('python3') && hasModules)(
  'boto3 and the aws CLI work on the served mock',
  async () => {
    const served = await startServe(['--ephemeral'])
    const script = new URL('./mock-serve-boto3.py', import.meta.url).pathname
    const { status, stdout, stderr } = await runProcess('python3', ['-W', 'ignore', script, served.url], {
      env: {
        HOME: process.env['HOME'] ?? '/',
        AWS_ACCESS_KEY_ID: '123456789012',
        AWS_SECRET_ACCESS_KEY: 'mock',
        AWS_DEFAULT_REGION: 'eu-west-1',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      },
    })
    const ended = await served.stop()
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const { calls, operations, faults } = JSON.parse(stdout.toString())
    expect(faults).toEqual([])
    expect(calls).toBeGreaterThanOrEqual(150)
    const known = [
      ...[...kmsOperations.keys()].map(name => `kms:${name}`),
      ...[...ssmOperations.keys()].map(name => `ssm:${name}`),
      ...['cloudtrail:LookupEvents', 'sts:GetCallerIdentity'],
    ]
    expect(operations).toEqual(known.sort())
    expect(ended).toMatchObject({ status: 0, stderr: '' })
  },
)
