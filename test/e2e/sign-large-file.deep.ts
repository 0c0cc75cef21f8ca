import { truncateSync, writeFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { binary, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'

describe.runIf(hasProgram('time'))('a file of 10 GiB', () => {
  const place = new Workplace()
  afterAll(() => place.remove())

  it('is signed and verified by its digest, in constant memory', async () => {
    const created = [
      'create-key',
      '--key-spec',
      'RSA_2048',
      '--key-usage',
      'SIGN_VERIFY',
      '--alias',
      'alias/big',
    ]
    expect((await place.kmseal(created)).status).toBe(0)
    expect((await place.kmseal(['public-key', '--key-id', 'alias/big', '-o', 'key.pem'])).status).toBe(0)
    writeFileSync(place.path('big'), '')
    // Sparse: it takes no room, and is read as zeros.
    truncateSync(place.path('big'), 10 * 1024 ** 3)
    for (const words of [
      'sign --key-id alias/big big -o big.sig',
      'verify --public-key key.pem --signature big.sig big',
    ]) {
      const { status, stderr } = await place.shell(
        `/usr/bin/time -f %M '${process.execPath}' '${binary}' --backend mock ${words}`,
      )
      expect(status).toBe(0)
      expect(Number(stderr.trim()) / 1024).toBeLessThan(150)
    }
  })
})
