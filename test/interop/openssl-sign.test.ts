/** What kmseal signs, openssl verifies, and the other way round: every algorithm, on both sides of 4096 bytes. */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KeySpec } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../helpers/cli.ts'
import { runOnMock } from '../helpers/mock-env.ts'
import { createMockKey } from '../helpers/mock-keys.ts'
import { hasProgram } from '../helpers/programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'kmseal-openssl-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const env = { KMSEAL_MOCK_DIR: join(folder, 'mock') }
const path = (name: string): string => join(folder, name)
const sizes = [0, 4095, 4096, 4097, 2_500_000]
const fileOf = (size: number): string => path(`message-${size}`)

interface Case {
  readonly algorithm: string
  readonly keySpec: KeySpec
  /** How openssl makes such a key. */
  readonly genpkey: readonly string[]
}

const rsa = (padding: string) =>
  ['256', '384', '512'].map(bits => ({
    algorithm: `RSASSA_${padding}_SHA_${bits}`,
    keySpec: 'RSA_2048' as const,
    genpkey: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  }))
const curve = (keySpec: KeySpec, algorithm: string, name: string) => ({
  algorithm,
  keySpec,
  genpkey: ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${name}`],
})
const cases: readonly Case[] = [
  ...rsa('PKCS1_V1_5'),
  ...rsa('PSS'),
  curve('ECC_NIST_P256', 'ECDSA_SHA_256', 'P-256'),
  curve('ECC_NIST_P384', 'ECDSA_SHA_384', 'P-384'),
  curve('ECC_NIST_P521', 'ECDSA_SHA_512', 'P-521'),
  curve('ECC_SECG_P256K1', 'ECDSA_SHA_256', 'secp256k1'),
  { algorithm: 'ED25519_SHA_512', keySpec: 'ECC_NIST_EDWARDS25519', genpkey: ['-algorithm', 'ED25519'] },
]

const openssl = (args: readonly string[]) => spawnSync('openssl', args, { encoding: 'utf8' })
const pssOptions = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest']
const dgst = (algorithm: string) => [
  ...['dgst', `-sha${algorithm.slice(-3)}`],
  ...(algorithm.includes('PSS') ? pssOptions : []),
]

/** Whether openssl takes a signature. */
function opensslVerifies(algorithm: string, pem: string, signature: string, file: string): boolean {
  const { status } = algorithm.startsWith('ED25519')
    ? openssl(['pkeyutl', '-verify', '-pubin', '-inkey', pem, '-rawin', '-sigfile', signature, '-in', file])
    : openssl([...dgst(algorithm), '-verify', pem, '-signature', signature, file])
  return status === 0
}

function opensslSigns(algorithm: string, key: string, file: string, signature: string): void {
  const { status, stderr } = algorithm.startsWith('ED25519')
    ? openssl(['pkeyutl', '-sign', '-inkey', key, '-rawin', '-in', file, '-out', signature])
    : openssl([...dgst(algorithm), '-sign', key, '-out', signature, file])
  expect([status, stderr]).toEqual([0, ''])
}

describe.runIf(hasProgram('openssl'))('openssl', () => {
  beforeAll(() => {
    for (const size of sizes) writeFileSync(fileOf(size), randomBytes(size))
  })

  describe.each(cases)('$algorithm of $keySpec', ({ algorithm, keySpec, genpkey }) => {
    const name = `${keySpec}-${algorithm}`
    const [alias, pem, der] = [`alias/${name}`, path(`${name}.pem`), path(`${name}.der`)]
    const chosen = ['--signing-algorithm', algorithm]
    // Neither KMS nor the mock signs nothing, or more than 4096 bytes, with Ed25519.
    const mine = sizes.filter(size => !algorithm.startsWith('ED25519') || (size > 0 && size <= 4096))

    beforeAll(async () => {
      await createMockKey(env, { KeySpec: keySpec, KeyUsage: 'SIGN_VERIFY', alias })
      for (const [form, file] of [
        ['pem', pem],
        ['der', der],
      ] as const) {
        const written = await runOnMock(['public-key', '--key-id', alias, '--format', form, '-o', file], {
          env,
        })
        expect(written).toMatchObject({ status: 0, stderr: '' })
      }
    })

    it.each(mine)('verifies a signature of %i bytes, and so do KMS and the public key alone', async size => {
      const [file, signature] = [fileOf(size), path(`${name}.${size}.sig`)]
      const signed = await runOnMock(
        ['sign', '--key-id', alias, ...chosen, file, '-o', signature, '--json'],
        {
          env,
        },
      )
      expect(signed).toMatchObject({ status: 0, stderr: '' })
      const { MessageType } = JSON.parse(signed.stdout.toString())
      expect(MessageType).toBe(size > 0 && size <= 4096 ? 'RAW' : 'DIGEST')
      expect(opensslVerifies(algorithm, pem, signature, file)).toBe(true)
      const asked = ['verify', '--key-id', alias, ...chosen, '--signature', signature, file]
      expect(await runOnMock(asked, { env })).toMatchObject({ status: 0, stderr: '' })
      for (const key of size === 4096 ? [pem, der] : [pem]) {
        const alone = ['verify', '--public-key', key, ...chosen, '--signature', signature, file]
        expect(await runCli(alone)).toMatchObject({ status: 0, stderr: '' })
      }
    })

    it('takes an altered signature or message as little as KMS and the public key do', async () => {
      const [file, signature] = [fileOf(4096), path(`${name}.to-alter.sig`)]
      await runOnMock(['sign', '--key-id', alias, ...chosen, file, '-o', signature], { env })
      const good = readFileSync(signature)
      const altered = path(`${name}.altered`)
      const refused = async (how: string, sig: string, message: string) => {
        expect(opensslVerifies(algorithm, pem, sig, message), how).toBe(false)
        for (const key of [
          ['--key-id', alias],
          ['--public-key', pem],
        ]) {
          const result = await runOnMock(['verify', ...key, ...chosen, '--signature', sig, message], { env })
          expect([result.status, result.stdout.length], how).toEqual([5, 0])
        }
      }
      for (const place of [0, good.length - 1]) {
        const bytes = Buffer.from(good)
        bytes[place] = (bytes[place] ?? 0) ^ 1
        writeFileSync(altered, bytes)
        await refused(`bit at ${place}`, altered, file)
      }
      writeFileSync(altered, good.subarray(0, -1))
      await refused('cut', altered, file)
      // openssl dgst does not look at what follows.
      writeFileSync(altered, Buffer.concat([good, Buffer.of(0)]))
      const longer = ['verify', '--public-key', pem, ...chosen, '--signature', altered, file]
      expect((await runCli(longer)).status).toBe(5)
      await refused('other message', signature, fileOf(4095))
    })

    it('signs what verify takes with the public key, at any length', async () => {
      const [key, own] = [path(`${name}.openssl.key`), path(`${name}.openssl.pem`)]
      expect(openssl(['genpkey', ...genpkey, '-out', key]).status).toBe(0)
      expect(openssl(['pkey', '-in', key, '-pubout', '-out', own]).status).toBe(0)
      const signature = path(`${name}.openssl.sig`)
      // openssl itself refuses an empty file for Ed25519.
      for (const size of sizes.filter(bytes => bytes > 0 || !algorithm.startsWith('ED25519'))) {
        opensslSigns(algorithm, key, fileOf(size), signature)
        const words = ['verify', '--public-key', own, ...chosen, '--signature', signature]
        expect(await runCli([...words, fileOf(size)])).toMatchObject({ status: 0, stderr: '' })
        const other = await runCli([...words, fileOf(size === 4095 ? 4096 : 4095)])
        expect([other.status, other.stdout.length]).toEqual([5, 0])
      }
    })

    // Ed25519 takes no digests.
    if (algorithm.startsWith('ED25519')) return
    it('makes digests that are signed as their message is', async () => {
      const [file, digest] = [fileOf(4095), path(`${name}.digest`)]
      const signature = path(`${name}.of-digest.sig`)
      expect(openssl(['dgst', `-sha${algorithm.slice(-3)}`, '-binary', '-out', digest, file]).status).toBe(0)
      const asDigest = ['--key-id', alias, ...chosen, '--message-type', 'DIGEST', digest]
      const signed = await runOnMock(['sign', ...asDigest, '-o', signature], { env })
      expect(signed).toMatchObject({ status: 0, stderr: '' })
      expect(opensslVerifies(algorithm, pem, signature, file)).toBe(true)
      const raw = path(`${name}.of-raw.sig`)
      await runOnMock(['sign', '--key-id', alias, ...chosen, file, '-o', raw], { env })
      expect(await runOnMock(['verify', ...asDigest, '--signature', raw], { env })).toMatchObject({
        status: 0,
      })
    })
  })
})
