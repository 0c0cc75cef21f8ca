/** Checks of what AWS says: who asks, how it is reached, which keys and parameters can be used. */

import type { KMSClient } from '@aws-sdk/client-kms'
import {
  KMSClient as Client,
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KeyMetadata,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { DescribeParametersCommand, GetParameterCommand } from '@aws-sdk/client-ssm'
import { KmsealError } from '../errors.ts'
import { isAccessDenied, type SdkCommand, send } from './aws-errors.ts'
import { callerIdentity } from './caller-identity.ts'
import { type Finding, failed, ok, warning } from './checks.ts'
import { describeKey } from './keys.ts'
import { type Answered, watchAnswers } from './watch-answers.ts'

interface Sender {
  send(command: unknown, options?: unknown): Promise<unknown>
}

/** A client whose requests end with a signal. */
export function endedBy(client: unknown, signal: AbortSignal): KMSClient {
  const send = (command: unknown) => (client as Sender).send(command, { abortSignal: signal })
  return { send } as unknown as KMSClient
}

/** Who the credentials belong to. */
export async function checkCaller(sts: unknown): Promise<Finding> {
  const { Arn, Account } = await callerIdentity(sts)
  return ok(`${Arn}, account ${Account}`)
}

const day = 24 * 3600 * 1000

/** How KMS is reached, and how its clock differs from ours. */
export interface EndpointFindings {
  readonly endpoint: Finding
  readonly clock: Finding
}

/**
 * Makes one small request without a signature, so that nobody need have credentials, and looks at how it travelled.
 *
 * @throws KmsealError when there was no answer; an answer that refuses is one
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
 */
export async function checkEndpoint(client: KMSClient, signal: AbortSignal): Promise<EndpointFindings> {
  const asking = unsigned(client)
  const answers = watchAnswers(asking)
  const command = new ListKeysCommand({ Limit: 1 })
  const subject = { action: 'kms:ListKeys', object: 'the endpoint' }
  const before = Date.now()
  const refusal = await send(endedBy(asking, signal), command, subject).then(
    () => undefined,
    (error: unknown) => error,
  )
  const answer = answers()
  if (answer === undefined) throw refusal ?? new KmsealError('failed', 'the endpoint gave no answer')
  return { endpoint: endpointFinding(answer), clock: clockFinding(answer, before, Date.now()) }
}

/** A client that goes the same way to the same place, and signs nothing. */
function unsigned({ config }: KMSClient): KMSClient {
  const { region, endpoint, requestHandler } = config
  return new Client({
    ...{ region, requestHandler },
    ...(endpoint === undefined ? {} : { endpoint }),
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    signer: { sign: async (request: object) => request as never },
  })
}

function endpointFinding({ protocol, host, tlsVersion, validTo }: Answered): Finding {
  const place = `${protocol}//${host}`
  if (tlsVersion === undefined) return warning(`${place}, without TLS`)
  if (validTo === undefined) return ok(`${place}, ${tlsVersion}`)
  const text = `${place}, ${tlsVersion}, certificate valid until ${validTo.toISOString().slice(0, 10)}`
  return validTo.getTime() - Date.now() < 7 * day
    ? warning(text, 'whoever runs the endpoint must renew its certificate')
    : ok(text)
}

function clockFinding({ date }: Answered, before: number, after: number): Finding {
  if (date === undefined) return warning('the endpoint does not say what time it is')
  // Its seconds are whole ones, and it may have looked at any moment of the request.
  const off = date > after ? date - after : date + 1000 < before ? date + 1000 - before : 0
  const seconds = Math.round(Math.abs(off) / 1000)
  const text = `the clock of this machine is ${seconds} s ${off > 0 ? 'behind' : 'ahead of'} that of the endpoint`
  if (seconds >= 300)
    return failed('failed', text, 'set the clock: AWS refuses signatures that are 5 minutes off')
  if (seconds >= 30) return warning(text, 'set the clock: AWS refuses signatures that are 5 minutes off')
  return ok('as that of the endpoint')
}

/**
 * Whether a key is there, enabled and usable for what kmseal does with it. Nothing is encrypted.
 *
 * @throws KmsealError what DescribeKey throws
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
 */
export async function checkKey(client: KMSClient, keyId: string): Promise<Finding> {
  const metadata = await describeKey(client, keyId)
  const { KeyState: state, KeySpec: spec, KeyUsage: usage } = metadata
  if (state !== 'Enabled') return failed('failed', `key ${keyId} is ${state}`, hintOfState(state, keyId))
  if (spec !== 'SYMMETRIC_DEFAULT') return ok(`key ${keyId} is enabled: ${spec}, ${usage} (use not tried)`)
  const allowed: string[] = []
  const refused: KmsealError[] = []
  for (const [action, command] of dryRuns(metadata, keyId)) {
    const error = await refusalOf(client, command, action, keyId)
    if (error === undefined) allowed.push(action)
    else if (isAccessDenied(error)) refused.push(error)
    else throw error
  }
  if (refused.length === 0) return ok(`key ${keyId} is enabled, and usable: ${allowed.join(', ')}`)
  const names = refused.map(({ message }) => /^kms:\w+/.exec(message)?.[0]).join(', ')
  const hint = 'ask for it in the key policy or IAM policy; kmseal explain-access tells what decides'
  if (allowed.length === 0)
    return failed('denied', `key ${keyId} is enabled, but not allowed: ${names}`, hint)
  return warning(`key ${keyId} is enabled; allowed: ${allowed.join(', ')}; not allowed: ${names}`, hint)
}

function hintOfState(state: string | undefined, keyId: string): string | undefined {
  if (state === 'Disabled') return `kmseal enable-key --key-id ${keyId}`
  if (state === 'PendingDeletion') return `kmseal delete-key --key-id ${keyId} --cancel`
  if (state === 'PendingImport') return `kmseal import-key-material --key-id ${keyId}`
  return undefined
}

function dryRuns({ Arn }: KeyMetadata, keyId: string): [string, SdkCommand<object, object>][] {
  const KeyId = Arn ?? keyId
  return [
    ['kms:Encrypt', new EncryptCommand({ KeyId, Plaintext: Buffer.from('doctor'), DryRun: true })],
    ['kms:GenerateDataKey', new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', DryRun: true })],
    ['kms:Decrypt', new DecryptCommand({ KeyId, DryRun: true, DryRunModifiers: ['IGNORE_CIPHERTEXT'] })],
  ]
}

async function refusalOf(
  client: KMSClient,
  command: SdkCommand<object, object>,
  action: string,
  keyId: string,
): Promise<KmsealError | undefined> {
  try {
    await send(client, command, { action, object: `key ${keyId}`, carriesSecret: true })
  } catch (error) {
    if (!(error instanceof KmsealError)) throw error
    return error.awsName === 'DryRunOperationException' ? undefined : error
  }
  return undefined
}

/**
 * Whether parameters can be read.
 *
 * @param name of one to read, whose value is thrown away; without it, whether they can be listed
 * @throws KmsealError what GetParameter throws
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
 */
export async function checkParameters(ssm: unknown, name: string | undefined): Promise<Finding> {
  if (name !== undefined) {
    const command = new GetParameterCommand({ Name: name, WithDecryption: true })
    await send(ssm, command, { action: 'ssm:GetParameter', object: `parameter ${name}` })
    return ok(`${name} can be read and decrypted`)
  }
  try {
    const command = new DescribeParametersCommand({ MaxResults: 1 })
    await send(ssm, command, { action: 'ssm:DescribeParameters', object: 'all parameters' })
  } catch (error) {
    if (!isAccessDenied(error)) throw error
    return warning(
      'listing is not allowed (ssm:DescribeParameters)',
      'try one that you need with --parameter NAME',
    )
  }
  return ok('can be listed; --parameter NAME tries to read one')
}
