import { describe, expect, it } from 'vitest'
import { failed, ok, runChecks } from '../../src/core/checks.ts'
import { KmsealError } from '../../src/errors.ts'

describe('checks', () => {
  it('keep their order, and none that throws or hangs takes another with it', async () => {
    const seen: string[] = []
    const findings = await runChecks(
      [
        {
          name: 'hangs',
          run: signal => {
            signal.addEventListener('abort', () => seen.push('aborted'))
            return new Promise(() => undefined)
          },
        },
        {
          name: 'throws',
          run: () => {
            throw new KmsealError('denied', 'no', { hint: 'ask' })
          },
        },
        { name: 'breaks', run: async () => Promise.reject(new TypeError('secret')) },
        { name: 'works', run: async () => ok('fine') },
        { name: 'fails', run: async () => failed('not-found', 'gone') },
      ],
      50,
    )
    expect(findings).toEqual([
      {
        Check: 'hangs',
        Status: 'failed',
        Message: 'no answer within 0.05 s',
        Hint: 'check the network, or try again',
        Code: 'unavailable',
      },
      { Check: 'throws', Status: 'failed', Message: 'no', Hint: 'ask', Code: 'denied' },
      { Check: 'breaks', Status: 'failed', Message: 'internal error (TypeError)', Code: 'failed' },
      { Check: 'works', Status: 'ok', Message: 'fine' },
      { Check: 'fails', Status: 'failed', Message: 'gone', Code: 'not-found' },
    ])
    expect(seen).toEqual(['aborted'])
  })

  it('run side by side', async () => {
    let waiting = 0
    let together: () => void = () => undefined
    const all = new Promise<void>(resolve => {
      together = resolve
    })
    const check = {
      name: 'x',
      run: async () => {
        if (++waiting === 3) together()
        await all
        return ok('met')
      },
    }
    const findings = await runChecks([check, check, check], 5000)
    expect(findings.map(({ Message }) => Message)).toEqual(['met', 'met', 'met'])
  })
})
