/** Asks the mock itself, request by request, what `explainAccess` says about the same policies. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  type GrantOperation,
  KMSClient,
  ListGrantsCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms'
import fc from 'fast-check'
import { expect } from 'vitest'
import { type Emulator, openEmulator } from '../../src/mock/emulator.ts'
import { mockRequestHandler } from '../../src/mock/request-handler.ts'
import { parseCaller } from '../../src/policy/caller.ts'
import { parsePolicy } from '../../src/policy/document.ts'
import { explainAccess } from '../../src/policy/explain-access.ts'
import { takesEncryptionContext } from '../../src/policy/kms-actions.ts'
import { iam, other, owner, type Statement, session } from './requests.ts'

const region = 'eu-central-1'
const root = iam('root')
const names = [
  root,
  iam('user/a'),
  iam('role/p/r'),
  session('r'),
  iam('root', other),
  iam('user/a', other),
  iam('role/r', other),
  session('r', 's', other),
]
/** Those who can sign a request: a role only in a session. */
const callers = names.filter(name => !name.includes(':role/'))
/** Where IAM policies are kept, by caller; root users have none. */
const holders: Readonly<Record<string, string>> = {
  [iam('user/a')]: iam('user/a'),
  [session('r')]: iam('role/p/r'),
  [iam('user/a', other)]: iam('user/a', other),
  [session('r', 's', other)]: iam('role/r', other),
}
const contexts = [{}, { k: 'a' }, { K: 'b', j: 'a' }] as const
const everyAction = [
  'Encrypt',
  'Decrypt',
  'GenerateDataKey',
  'DescribeKey',
  'CreateGrant',
  'ListGrants',
  'GetKeyPolicy',
  'ListResourceTags',
] as const

const conditionKeys = {
  'kms:ViaService': [`ec2.${region}.amazonaws.com`, `ssm.${region}.amazonaws.com`, '*'],
  'kms:CallerAccount': [owner, other],
  'kms:EncryptionContext:k': ['a', 'b', 'a*'],
  'kms:EncryptionContextKeys': ['k', 'K', 'j'],
  'kms:GrantIsForAWSResource': ['true', 'false'],
  'kms:GrantOperations': ['Decrypt', 'Encrypt'],
  'kms:KeySpec': ['SYMMETRIC_DEFAULT', 'RSA_2048'],
  'kms:KeyOrigin': ['AWS_KMS', 'EXTERNAL'],
  'kms:MultiRegion': ['true', 'false'],
  'kms:EncryptionAlgorithm': ['SYMMETRIC_DEFAULT'],
  'aws:PrincipalArn': [iam('user/*'), iam('role/p/r'), iam('role/r', other), '*'],
  'aws:PrincipalAccount': [owner],
  'aws:PrincipalType': ['User', 'AssumedRole', 'Account'],
  'aws:username': ['a', '${aws:username}'],
  'aws:SecureTransport': ['true', 'false'],
  'aws:ViaAWSService': ['true', 'false'],
  'aws:RequestedRegion': [region, 'us-*'],
  'aws:CurrentTime': ['2020-01-01T00:00:00Z', '2100-01-01T00:00:00Z'],
  'aws:SourceIp': ['127.0.0.0/8', '192.0.2.0/24'],
  'aws:ResourceTag/t': ['x'],
  'kms:RequestAlias': ['alias/x'],
} as const
type ConditionKey = keyof typeof conditionKeys

const operators: Readonly<Partial<Record<ConditionKey, readonly string[]>>> = {
  'kms:EncryptionContextKeys': ['ForAllValues:StringEquals', 'ForAnyValue:StringEquals'],
  'kms:GrantOperations': ['ForAllValues:StringEquals', 'ForAnyValue:StringEquals'],
  'aws:CurrentTime': ['DateGreaterThan', 'DateLessThan'],
  'aws:SourceIp': ['IpAddress', 'NotIpAddress'],
  'aws:PrincipalArn': ['ArnLike', 'ArnNotLike', 'StringLike', 'StringEqualsIfExists'],
  ...Object.fromEntries(
    ['kms:GrantIsForAWSResource', 'kms:MultiRegion', 'aws:SecureTransport', 'aws:ViaAWSService'].map(key => [
      key,
      ['Bool', 'BoolIfExists'],
    ]),
  ),
}
const usual = ['StringEquals', 'StringNotEquals', 'StringLike', 'StringEqualsIfExists', 'StringNotLike']

// Those that explain-access is told about come more often than those that it cannot know.
const likely = Object.keys(conditionKeys).slice(0, 10) as ConditionKey[]
const condition = fc
  .tuple(fc.constantFrom(...likely, ...likely, ...(Object.keys(conditionKeys) as ConditionKey[])), fc.nat())
  .chain(([key, choice]) => {
    const list = [...(operators[key] ?? usual), 'Null']
    const operator = list[choice % list.length] ?? 'StringEquals'
    const values = operator === 'Null' ? (['true', 'false'] as const) : conditionKeys[key]
    return fc
      .subarray([...values], { minLength: 1 })
      .map(some => ({ [operator]: { [key]: operator === 'Null' ? some[0] : some } }))
  })
const conditions = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: condition },
  { weight: 1, arbitrary: fc.tuple(condition, condition).map(both => Object.assign({}, ...both)) },
)
const actionPatterns = [
  '*',
  'kms:*',
  'kms:D*',
  'KMS:decrypt',
  'kms:*crypt',
  'kms:G*',
  'kms:CreateGrant',
  'kms:List*',
  'kms:Encrypt',
]
const common = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
  Action: fc.subarray(actionPatterns, { minLength: 1, maxLength: 4 }),
  Resource: fc.constantFrom('*', '*', '*', '*', 'KEY', 'arn:aws:kms:*:*:key/*', 'arn:aws:kms:us-east-1:*'),
  Condition: conditions,
})
const keyStatement = fc
  .tuple(
    common,
    fc.oneof(fc.subarray([owner, other, ...names], { minLength: 1, maxLength: 3 }), fc.constant(['*'])),
    fc.constantFrom('Principal', 'Principal', 'Principal', 'Principal', 'NotPrincipal'),
  )
  .map(
    ([rest, AWS, element]): Statement => ({
      ...rest,
      [rest.Effect === 'Deny' ? element : 'Principal']: { AWS },
    }),
  )
const grant = fc.record({
  GranteePrincipal: fc.constantFrom(...names),
  Operations: fc.subarray<GrantOperation>(
    ['Decrypt', 'Encrypt', 'DescribeKey', 'CreateGrant', 'GenerateDataKey'],
    {
      minLength: 1,
    },
  ),
  Constraints: fc.constantFrom(
    undefined,
    undefined,
    { EncryptionContextSubset: { k: 'a' } },
    { EncryptionContextEquals: { k: 'a' } },
  ),
})
const asked = fc.record({
  caller: fc.constantFrom(...callers),
  action: fc.constantFrom(...everyAction),
  context: fc.constantFrom(...contexts),
  viaService: fc.constantFrom(undefined, undefined, undefined, 'ec2', 'ssm'),
  /** What explain-access is not told. */
  withheld: fc.subarray<'context' | 'identity' | 'grants'>(['context', 'identity', 'grants'], {
    maxLength: 1,
  }),
  told: fc.constantFrom(true, true, true, false),
})

/** Policies, grants, and several requests under them. */
const world = fc.record({
  key: fc.array(keyStatement, { minLength: 1, maxLength: 4 }),
  identity: fc.oneof(
    { weight: 1, arbitrary: fc.constant([{ Effect: 'Allow', Action: '*', Resource: '*' } as Statement]) },
    { weight: 2, arbitrary: fc.array(common as fc.Arbitrary<Statement>, { maxLength: 3 }) },
  ),
  grants: fc.oneof(fc.constant([]), fc.array(grant, { maxLength: 2 })),
  requests: fc.array(asked, { minLength: 8, maxLength: 8 }),
})
type World = typeof world extends fc.Arbitrary<infer T> ? T : never

/** How often each answer came, and how often the mock let a request pass about which nothing was known. */
export interface Counts {
  allowed: number
  denied: number
  unknown: number
  unknownButAllowed: number
}

/** Compares answers until so many requests were sent. */
export async function compareWithMock(requests: number): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'kmseal-agreement-'))
  const emulator = await openEmulator({ directory: join(folder, 'state') })
  const counts = { allowed: 0, denied: 0, unknown: 0, unknownButAllowed: 0 }
  try {
    const clientOf = clientsOf(emulator)
    await fc.assert(
      fc.asyncProperty(world, given => compare(emulator, clientOf, given, counts)),
      { numRuns: Math.ceil(requests / 8), endOnFailure: true },
    )
  } finally {
    await emulator.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return counts
}

type ClientOf = (principal: string, viaService?: string) => KMSClient

function clientsOf(emulator: Emulator): ClientOf {
  const made = new Map<string, KMSClient>()
  return (principal, viaService) => {
    const name = `${principal} ${viaService}`
    const client =
      made.get(name) ??
      new KMSClient({
        region,
        credentials: { accessKeyId: 'mock', secretAccessKey: 'mock' },
        maxAttempts: 1,
        requestHandler: mockRequestHandler(async () => emulator, { principal, region, viaService }),
      })
    made.set(name, client)
    return client
  }
}

async function compare(emulator: Emulator, clientOf: ClientOf, given: World, counts: Counts): Promise<void> {
  const admin = clientOf(root)
  const { KeyMetadata: key } = await admin.send(new CreateKeyCommand({}))
  const KeyId = key?.Arn ?? ''
  const blobs = await Promise.all(
    contexts.map(async context => {
      const sealed = await admin.send(
        new EncryptCommand({ KeyId, Plaintext: new Uint8Array(4), EncryptionContext: context }),
      )
      return sealed.CiphertextBlob
    }),
  )
  for (const { GranteePrincipal, Operations, Constraints } of given.grants) {
    if (Operations.length === 1 && Operations[0] === 'CreateGrant') continue
    await admin.send(
      new CreateGrantCommand({ KeyId, GranteePrincipal, Operations, ...(Constraints && { Constraints }) }),
    )
  }
  const { Grants: grants = [] } = await admin.send(new ListGrantsCommand({ KeyId }))
  const document = (statements: readonly Statement[]) =>
    JSON.stringify({ Version: '2012-10-17', Statement: statements }).replaceAll(
      '"KEY"',
      JSON.stringify(KeyId),
    )
  const Policy = document(given.key)
  await admin.send(new PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck: true }))
  const identity = document(given.identity)
  for (const holder of Object.values(holders)) emulator.setIdentityPolicy(holder, identity)

  for (const { caller, action, context, viaService, withheld, told } of given.requests) {
    const parsed = parseCaller(caller)
    if (parsed === undefined) throw new Error(caller)
    const without = (what: (typeof withheld)[number]) => !told && withheld.includes(what)
    const { answer, reasons } = explainAccess({
      keyArn: KeyId,
      caller: parsed,
      action: `kms:${action}`,
      viaService: viaService && `${viaService}.${region}.amazonaws.com`,
      encryptionContext: without('context') ? undefined : context,
      keyPolicy: read(Policy, 'key policy'),
      identityPolicies:
        holders[caller] === undefined
          ? []
          : without('identity')
            ? undefined
            : [read(identity, 'identity policy')],
      grants: without('grants') ? undefined : grants,
      key: {
        keySpec: key?.KeySpec,
        keyUsage: key?.KeyUsage,
        origin: key?.Origin,
        multiRegion: key?.MultiRegion,
      },
      now: Date.now(),
    })
    const passed = await passes(
      clientOf(caller, viaService),
      action,
      KeyId,
      context,
      blobs[contexts.indexOf(context)],
    )
    counts[answer.decision] += 1
    if (answer.decision === 'unknown') counts.unknownButAllowed += passed ? 1 : 0
    else
      expect({ passed, reasons, caller, action }).toEqual({
        passed: answer.decision === 'allowed',
        reasons,
        caller,
        action,
      })
  }
}

function read(text: string, kind: 'key policy' | 'identity policy') {
  const result = parsePolicy(text, kind)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result.document
}

/** Whether the mock lets a request pass; anything but a denial is a fault of this test. */
async function passes(
  client: KMSClient,
  action: (typeof everyAction)[number],
  KeyId: string,
  EncryptionContext: Record<string, string>,
  CiphertextBlob: Uint8Array | undefined,
): Promise<boolean> {
  const Constraints =
    Object.keys(EncryptionContext).length === 0
      ? {}
      : { Constraints: { EncryptionContextEquals: EncryptionContext } }
  const requests = {
    Encrypt: () =>
      client.send(new EncryptCommand({ KeyId, Plaintext: new Uint8Array(1), EncryptionContext })),
    Decrypt: () => client.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionContext })),
    GenerateDataKey: () =>
      client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext })),
    DescribeKey: () => client.send(new DescribeKeyCommand({ KeyId })),
    // What a grant is made by must not change what the next request may do.
    CreateGrant: () =>
      client.send(
        new CreateGrantCommand({
          KeyId,
          GranteePrincipal: root,
          Operations: ['Decrypt'],
          ...Constraints,
          DryRun: true,
        }),
      ),
    ListGrants: () => client.send(new ListGrantsCommand({ KeyId })),
    GetKeyPolicy: () => client.send(new GetKeyPolicyCommand({ KeyId })),
    ListResourceTags: () => client.send(new ListResourceTagsCommand({ KeyId })),
  }
  expect(takesEncryptionContext(`kms:${action}`)).toBe(!/^(?:Describe|List|Get)/.test(action))
  try {
    await requests[action]()
    return true
  } catch (error) {
    const { name } = error as Error
    if (name === 'DryRunOperationException') return true
    if (name === 'AccessDeniedException') return false
    throw error
  }
}
