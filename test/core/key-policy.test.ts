/** Changing a key policy while others change it too. */

import { describe, expect, it } from 'vitest'
import { changeKeyPolicy } from '../../src/core/key-policy.ts'
import { samePolicy } from '../../src/policy/statement-meaning.ts'
import { keyA, StubKms } from '../helpers/stub-kms.ts'

const policy = (...sids: string[]) => JSON.stringify({ Statement: sids.map(Sid => ({ Sid })) })

/** A key whose policy somebody else replaces before the nth time that it is read. */
async function changeWhile(others: Readonly<Record<number, string>>, { agrees = true } = {}) {
  const kms = new StubKms()
  let present = policy('theirs')
  let reads = 0
  kms.answer = ({ name, input }) => {
    if (name === 'PutKeyPolicy') present = String(input['Policy'])
    if (name === 'GetKeyPolicy') present = others[++reads] ?? present
    return { Policy: present }
  }
  const changing = changeKeyPolicy(await kms.access().client(undefined), keyA, {
    edit: text => ({ text: text.includes('ours') ? text : policy('theirs', 'ours') }),
    agree: async () => agrees,
    isSame: samePolicy,
  })
  const settled = await changing.then(({ outcome }) => outcome).catch((error: unknown) => error)
  return {
    settled,
    operations: kms.operations(),
    puts: kms.calls.filter(call => call.name === 'PutKeyPolicy'),
  }
}

describe('a key policy', () => {
  it('is read before, right before, and right after it is written, with the lockout check in force', async () => {
    const { settled, operations, puts } = await changeWhile({})
    expect(settled).toBe('changed')
    expect(operations).toEqual(['GetKeyPolicy', 'GetKeyPolicy', 'PutKeyPolicy', 'GetKeyPolicy'])
    expect(puts[0]?.input).toEqual({ KeyId: keyA, PolicyName: 'default', Policy: policy('theirs', 'ours') })
  })

  it('is not written when somebody else changed it since it was read', async () => {
    const { settled, puts } = await changeWhile({ 2: policy('theirs', 'new') })
    expect(settled).toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/by somebody else meanwhile/),
    })
    expect(puts).toEqual([])
  })

  it('is reported when somebody else wrote another right after', async () => {
    const { settled, puts } = await changeWhile({ 3: policy('theirs', 'new') })
    expect(settled).toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/not the one that was written/),
    })
    expect(puts).toHaveLength(1)
  })

  it('may come back written in another way', async () => {
    const { settled } = await changeWhile({ 3: ` ${policy('theirs', 'ours').replaceAll(',', ' , ')}` })
    expect(settled).toBe('changed')
  })

  it('stays when it is right already, and when nobody agrees', async () => {
    expect(await changeWhile({ 1: policy('ours') })).toMatchObject({ settled: 'unchanged', puts: [] })
    expect(await changeWhile({}, { agrees: false })).toMatchObject({ settled: 'not-agreed', puts: [] })
  })
})
