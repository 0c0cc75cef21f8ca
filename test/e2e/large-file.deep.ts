import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runProcess, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'

describe.runIf(hasProgram('time'))('a file of 1 GiB', () => {
  const place = new Workplace()
  const shell = (script: string) => runProcess('bash', ['-c', script], { cwd: place.folder })
  beforeAll(async () => {
    expect((await shell('head -c 1G /dev/urandom > large')).status).toBe(0)
  })
  afterAll(() => place.remove())

  it.each(['', '--sign'])('round trips in constant memory, encrypted with options "%s"', async options => {
    for (const [operation, from, to] of [
      ['encrypt', 'large', 'sealed'],
      ['decrypt', 'sealed', 'opened'],
    ] as const) {
      const extra = operation === 'encrypt' ? options : ''
      const { status, stderr } = await place.shell(
        `/usr/bin/time -f %M '${process.execPath}' "$BINARY" --backend mock ${operation} ${extra} ${from} -o ${to}`,
        'bash',
        { env: { BINARY: new URL('../../bin/kmseal.cjs', import.meta.url).pathname } },
      )
      expect(status).toBe(0)
      expect(Number(stderr.trim()) / 1024).toBeLessThan(150)
    }
    expect((await shell('cmp large opened')).status).toBe(0)
  })
})
