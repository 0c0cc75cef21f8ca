/** What is shared of a key is what both halves allow, no more and no less, and it can be found again. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actionsOf, kmsActions } from '../../src/policy/action-names.ts'
import { parseCaller } from '../../src/policy/caller.ts'
import { parsePolicy } from '../../src/policy/document.ts'
import { explainAccess } from '../../src/policy/explain-access.ts'
import {
  type Ability,
  abilities,
  actionsOfAbility,
  isLimitedByContext,
} from '../../src/policy/key-abilities.ts'
import {
  type KeySharing,
  keySharingStatements,
  sharedKeyIamPolicy,
  statementsSharedWith,
} from '../../src/policy/key-sharing.ts'
import { isActionWithoutKey, takesEncryptionContext } from '../../src/policy/kms-actions.ts'
import { withoutStatements, withStatements } from '../../src/policy/own-statements.ts'
import { samePolicy } from '../../src/policy/statement-meaning.ts'
import { allow, iam, keyArn, other } from './requests.ts'

const via = 'ec2.eu-central-1.amazonaws.com'
const foreign = iam('user/svc/api', other)
const sharing = (can: fc.Arbitrary<Ability[]>, principal: fc.Arbitrary<string>): fc.Arbitrary<KeySharing> =>
  fc.record({
    principal,
    abilities: can,
    encryptionContext: fc.constantFrom(undefined, undefined, { for: 'backup' }, { for: 'backup', of: 'x y' }),
    viaService: fc.constantFrom(undefined, via),
  })
const cannotBeAcross: Ability = 'administer'
const elsewhere = fc.subarray(
  [...abilities].filter(ability => ability !== cannotBeAcross),
  { minLength: 1 },
)

function parsed(text: string, kind: 'key policy' | 'identity policy') {
  const result = parsePolicy(text, kind)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result.document
}

describe('what is shared', () => {
  it('is allowed by both halves together under its conditions, and nothing else is', () => {
    fc.assert(
      fc.property(
        sharing(elsewhere, fc.constant(foreign)),
        fc.constantFrom(...kmsActions.filter(action => !isActionWithoutKey(action))),
        fc.constantFrom({}, { for: 'backup' }, { for: 'backup', of: 'x y', more: 'z' }),
        fc.constantFrom(undefined, via),
        (shared, action, encryptionContext, viaService) => {
          const caller = parseCaller(foreign)
          if (caller === undefined) throw new Error(foreign)
          const { answer } = explainAccess({
            keyArn,
            caller,
            action,
            viaService,
            encryptionContext,
            keyPolicy: parsed(
              JSON.stringify({ Version: '2012-10-17', Statement: keySharingStatements(shared) }),
              'key policy',
            ),
            identityPolicies: [parsed(JSON.stringify(sharedKeyIamPolicy(shared, keyArn)), 'identity policy')],
            grants: [],
            now: 0,
          })
          const giving = shared.abilities.filter(ability =>
            actionsOfAbility(ability).some(pattern => actionsOf(pattern).includes(action)),
          )
          const met = Object.entries(shared.encryptionContext ?? {}).every(
            ([key, value]) => (encryptionContext as Record<string, string>)[key] === value,
          )
          const through = shared.viaService === undefined || viaService === via
          const forService = !giving.includes('grant') || viaService !== undefined
          const bound = takesEncryptionContext(action) && giving.some(isLimitedByContext)
          const expected = giving.length > 0 && through && forService && (met || !bound)
          expect({ action, decision: answer.decision }).toEqual({
            action,
            decision: expected ? 'allowed' : 'denied',
          })
        },
      ),
      { numRuns: 3000 },
    )
  })

  it('is found again whatever it was, and nothing of other principals', () => {
    const who = fc.constantFrom(foreign, iam('role/a'), iam('root', other))
    const any = sharing(fc.subarray([...abilities], { minLength: 1 }), who)
    fc.assert(
      fc.property(fc.array(any, { maxLength: 4 }), who, (shares, principal) => {
        const text = JSON.stringify({
          Version: '2012-10-17',
          Statement: [allow(iam('root'), { Sid: 'account' })],
        })
        const apply = (some: readonly KeySharing[]) =>
          some.reduce((policy, share) => withStatements(policy, keySharingStatements(share)).text, text)
        const whole = apply(shares)
        const without = withoutStatements(whole, statementsSharedWith(whole, principal)).text
        const others = shares.filter(share => share.principal !== principal)
        const withoutSids = (policy: string) =>
          JSON.stringify(JSON.parse(policy).Statement.map(({ Sid: _, ...rest }: { Sid: string }) => rest))
        const [one, two] = [without, apply(others)].map(
          policy => `{"Version":"2012-10-17","Statement":${withoutSids(policy)}}`,
        )
        expect(samePolicy(one ?? '', two ?? '')).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('has Sids of its own in either half', () => {
    fc.assert(
      fc.property(sharing(fc.subarray([...abilities], { minLength: 1 }), fc.constant(foreign)), shared => {
        const sids = keySharingStatements(shared).map(({ Sid }) => Sid)
        expect(new Set(sids).size).toBe(sids.length)
        const own = sharedKeyIamPolicy(shared, keyArn).Statement.map(({ Sid = '' }) => Sid)
        expect(new Set(own).size).toBe(own.length)
        for (const sid of own) expect(sid).toMatch(/^[A-Za-z0-9]+$/)
      }),
    )
  })
})
