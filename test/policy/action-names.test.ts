/** The actions of KMS by name, and what a misspelt one means. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actionsOf, kmsActions, suggestedAction } from '../../src/policy/action-names.ts'
import { closest } from '../../src/policy/closest.ts'
import { checkKeyAction } from '../../src/policy/named-action.ts'

describe('actions of KMS', () => {
  it('are covered by patterns in any letter case', () => {
    expect(actionsOf('kms:reencrypt*')).toEqual(['kms:ReEncryptFrom', 'kms:ReEncryptTo'])
    expect(actionsOf('kms:?ign')).toEqual(['kms:Sign'])
    expect(actionsOf('*')).toEqual(kmsActions)
    expect(actionsOf('s3:*')).toEqual([])
    for (const action of kmsActions) expect(actionsOf(action)).toContain(action)
  })

  it('are found again after one slip', () => {
    const slips = ['drop', 'double', 'swap', 'other'] as const
    fc.assert(
      fc.property(
        fc.constantFrom(...kmsActions),
        fc.constantFrom(...slips),
        fc.nat(),
        (action, slip, seed) => {
          const name = action.slice(4)
          const at = 1 + (seed % (name.length - 2))
          const [a = '', b = ''] = [name[at], name[at + 1]]
          const middle = { drop: b, double: a + a + b, swap: b + a, other: `q${b}` }[slip]
          const wrong = `kms:${name.slice(0, at)}${middle}${name.slice(at + 2)}`
          if (actionsOf(wrong).length > 0) return
          const meant = suggestedAction(wrong)
          expect(meant).toBeDefined()
          expect(actionsOf(meant ?? '')).not.toEqual([])
        },
      ),
    )
  })

  it('are not guessed from afar', () => {
    expect(suggestedAction('kms:MakeCoffee')).toBeUndefined()
    expect(suggestedAction('kms:*')).toBeUndefined()
    expect(closest('', ['a'])).toBe('a')
    expect(closest('abc', ['xyz'])).toBeUndefined()
    expect(closest('Sing', ['Sign', 'Sin'])).toBe('Sign')
  })

  it('are named one at a time', () => {
    expect(checkKeyAction('KMS:decrypt')).toBe('kms:Decrypt')
    for (const action of ['kms:*', 'decrypt', 'kms:', 's3:GetObject', 'kms:ListKeys', 'kms:Decypt', '']) {
      expect(() => checkKeyAction(action)).toThrowError(expect.objectContaining({ code: 'usage' }))
    }
  })
})
