/** A stand-in for KMS clients that answers, or fails, as a test wants, and remembers every request. */

import type { KMSClient } from '@aws-sdk/client-kms'
import type { RegionChoice } from '../../src/core/key-id.ts'
import type { KmsAccess } from '../../src/core/kms-access.ts'

/** One request as the stub saw it. */
export interface StubCall {
  /** Operation, such as `Encrypt`. */
  readonly name: string
  /** Region that the client was asked for; nothing means the default one. */
  readonly region: string | undefined
  readonly input: Readonly<Record<string, unknown>>
}

export const keyA = 'arn:aws:kms:eu-west-1:111122223333:key/aaaaaaaa-0000-4000-8000-000000000001'
export const keyB = 'arn:aws:kms:us-east-1:444455556666:key/bbbbbbbb-0000-4000-8000-000000000002'

/** An exception as SDK clients throw them. */
export function awsError(name: string, message = '', httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } })
}

/** A KMS whose ciphertexts hold key, context and plaintext in the clear. */
export class StubKms {
  readonly calls: StubCall[] = []
  /** Replaces the answer to a request when it returns something; may throw. */
  answer: (call: StubCall) => object | undefined = () => undefined
  /** Key ARNs by alias or id. */
  readonly names: Readonly<Record<string, string>> = { 'alias/a': keyA, 'alias/b': keyB }

  access(choice: RegionChoice = { region: undefined, regionTyped: false }): KmsAccess {
    return {
      choice,
      client: async region =>
        ({
          send: async (command: { input: Record<string, unknown> }) => {
            const name = command.constructor.name.replace(/Command$/, '')
            const call = { name, region, input: command.input }
            this.calls.push(call)
            return this.answer(call) ?? this.#answer(call)
          },
        }) as unknown as KMSClient,
    }
  }

  /** Names of the requests so far. */
  operations(): string[] {
    return this.calls.map(call => call.name)
  }

  #answer({ name, input }: StubCall): object {
    const given = input['KeyId'] as string | undefined
    const KeyId = given === undefined ? '' : (this.names[given] ?? given)
    const context = JSON.stringify(Object.entries(input['EncryptionContext'] ?? {}).sort())
    if (name === 'DescribeKey') return { KeyMetadata: { Arn: KeyId } }
    if (name === 'Encrypt') return { KeyId, CiphertextBlob: blob(KeyId, context, input['Plaintext']) }
    if (name === 'GenerateDataKey') {
      const Plaintext = new Uint8Array(32).fill(this.calls.length)
      return { KeyId, Plaintext, CiphertextBlob: blob(KeyId, context, Plaintext) }
    }
    if (name === 'Decrypt') {
      const parts = Buffer.from(input['CiphertextBlob'] as Uint8Array)
        .toString('latin1')
        .split('\n')
      const [mark, by = '', boundTo, plaintext = ''] = parts
      if (mark !== '\u0001stub' || boundTo !== Buffer.from(context).toString('hex'))
        throw awsError('InvalidCiphertextException')
      if (given !== undefined && by !== given)
        throw awsError(
          'IncorrectKeyException',
          'The key ID in the request does not identify a CMK that can perform this operation.',
        )
      return { KeyId: by, Plaintext: Uint8Array.from(Buffer.from(plaintext, 'hex')) }
    }
    throw awsError('UnknownOperationException')
  }
}

function blob(keyArn: string, context: string, plaintext: unknown): Uint8Array {
  const hex = Buffer.from(plaintext as Uint8Array).toString('hex')
  return Buffer.from(`\u0001stub\n${keyArn}\n${Buffer.from(context).toString('hex')}\n${hex}`, 'latin1')
}
