/** Requests whose answers can be laid beside recorded ones: by scenario, the answers under their recorded names. */

import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { WireAnswer } from '../helpers/recordings.ts'
import { wrapMaterial } from '../mock/kms/wrapping.ts'

/** Sends one request to the mock; the Region is us-east-1 unless it is named. */
export type Send = (target: string, body: object, region?: string) => Promise<WireAnswer>

type Answers = Record<string, unknown>

/** Runs one scenario with the parameters of the recording. */
export type Scenario = (send: Send, parameters: readonly string[]) => Promise<Answers>

interface Key {
  readonly KeyId: string
  readonly Arn: string
}

const otherRegion = 'ap-southeast-1'
const anyId = '0f0f0f0f-0000-4000-8000-00000000abcd'
const arnOf = (id: string, region = 'us-east-1') => `arn:aws:kms:${region}:111111111111:key/${id}`
const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64')
const member = (answer: WireAnswer, name: string) => (answer.body as Record<string, unknown>)[name]

const newKey = async (send: Send, body: object = {}) =>
  member(await send('CreateKey', { Description: 'a key', ...body }), 'KeyMetadata') as Key
const describeKey = (send: Send, KeyId: string, region?: string) => send('DescribeKey', { KeyId }, region)
const metadata = async (send: Send, KeyId: string) => member(await describeKey(send, KeyId), 'KeyMetadata')
const externalKey = (send: Send, body: object = {}) => newKey(send, { Origin: 'EXTERNAL', ...body })
const signingKey = (send: Send, KeySpec: string) => newKey(send, { KeySpec, KeyUsage: 'SIGN_VERIFY' })
const macKey = (send: Send, KeySpec: string) => newKey(send, { KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC' })

const importParameters = (send: Send, KeyId: string, WrappingAlgorithm = 'RSAES_OAEP_SHA_256') =>
  send('GetParametersForImport', { KeyId, WrappingAlgorithm, WrappingKeySpec: 'RSA_3072' })

async function importMaterial(
  send: Send,
  KeyId: string,
  material: Uint8Array,
  { algorithm = 'RSAES_OAEP_SHA_256', ...more }: { algorithm?: string; [member: string]: unknown } = {},
): Promise<WireAnswer> {
  const parameters = await importParameters(send, KeyId, algorithm)
  const publicKey = Buffer.from(member(parameters, 'PublicKey') as string, 'base64')
  return send('ImportKeyMaterial', {
    KeyId,
    ImportToken: member(parameters, 'ImportToken'),
    EncryptedKeyMaterial: base64(wrapMaterial(publicKey, algorithm, material)),
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
    ...more,
  })
}

const curves: Readonly<Record<string, string>> = {
  ECC_NIST_P256: 'P-256',
  ECC_NIST_P384: 'P-384',
  ECC_NIST_P521: 'P-521',
  ECC_SECG_P256K1: 'secp256k1',
}
const pkcs8 = { type: 'pkcs8', format: 'der' } as const
const ecMaterial = (spec: string) =>
  generateKeyPairSync('ec', { namedCurve: curves[spec] ?? '' }).privateKey.export(pkcs8)

/** How a key with imported material looks before, with and after it. */
async function importLife(
  send: Send,
  key: Key,
  material: Uint8Array,
  between: () => Promise<Answers> = async () => ({}),
): Promise<Answers> {
  const before = await describeKey(send, key.KeyId)
  await importMaterial(send, key.KeyId, material)
  const after = await describeKey(send, key.KeyId)
  const more = await between()
  await send('DeleteImportedKeyMaterial', { KeyId: key.KeyId })
  const deleted = await describeKey(send, key.KeyId)
  return {
    'describe-key-before-import': before,
    'describe-key-after-import': after,
    'describe-key-after-deleted-import': deleted,
    ...more,
  }
}

const digestOf = (algorithm: string) =>
  createHash(algorithm.replace(/.*SHA_/, 'sha'))
    .update('message')
    .digest()

const signVerify: Scenario = async (send, [spec = '', algorithm = '']) => {
  const { KeyId } = await signingKey(send, spec)
  const request = { KeyId, SigningAlgorithm: algorithm, MessageType: 'DIGEST' }
  const Message = base64(digestOf(algorithm))
  const signature = await send('Sign', { ...request, Message })
  const Signature = member(signature, 'Signature')
  return {
    signature,
    verification: await send('Verify', { ...request, Message, Signature }),
    'bad-digest': await send('Verify', { ...request, Message: base64('short'), Signature }),
    'bad-signature': await send('Verify', { ...request, Message, Signature: base64(randomBytes(71)) }),
  }
}

/** Decrypting, without its context, what an operation encrypted. */
const withoutContext =
  (operation: string, sealed: string, body: object): Scenario =>
  async send => {
    const { KeyId } = await newKey(send)
    const answer = await send(operation, { KeyId, EncryptionContext: { a: 'b' }, ...body })
    return {
      'decrypt-without-encryption-context': await send('Decrypt', { CiphertextBlob: member(answer, sealed) }),
    }
  }

const whole =
  (name: string, operation: string, body: object): Scenario =>
  async send => ({ [name]: await send(operation, { KeyId: (await newKey(send)).KeyId, ...body }) })

const reEncrypt: Scenario = async (send, [spec = '', algorithm = '']) => {
  const body = { KeySpec: spec, KeyUsage: 'ENCRYPT_DECRYPT' }
  const [from, to] = [await newKey(send, body), await newKey(send, body)]
  const request = { KeyId: from.KeyId, Plaintext: base64('x'), EncryptionAlgorithm: algorithm }
  const sealed = await send('Encrypt', request)
  return {
    test_re_encrypt: await send('ReEncrypt', {
      CiphertextBlob: member(sealed, 'CiphertextBlob'),
      SourceKeyId: from.KeyId,
      DestinationKeyId: to.KeyId,
      SourceEncryptionAlgorithm: algorithm,
      DestinationEncryptionAlgorithm: algorithm,
    }),
  }
}

const tags = (...names: string[]) => names.map(TagKey => ({ TagKey, TagValue: TagKey }))
const tagsOf = async (send: Send, KeyId: string) => member(await send('ListResourceTags', { KeyId }), 'Tags')

const tagging =
  (before: string[], later: string, change: (send: Send, KeyId: string) => Promise<unknown>): Scenario =>
  async send => {
    const { KeyId } = await newKey(send, { Tags: tags(...before) })
    const first = await tagsOf(send, KeyId)
    await change(send, KeyId)
    return { 'list-resource-tags': first, [later]: await tagsOf(send, KeyId) }
  }
const untag =
  (...TagKeys: string[]) =>
  (send: Send, KeyId: string) =>
    send('UntagResource', { KeyId, TagKeys })
const refusedTag =
  (name: string, Tags: object[]): Scenario =>
  async send => ({
    [name]: await send('CreateKey', { Tags }),
  })
const invalidTagKeys: Readonly<Record<string, string>> = {
  lowercase_prefix: 'aws:mine',
  uppercase_prefix: 'AWS:mine',
  too_long_key: 'k'.repeat(129),
}

const onDemand = async (send: Send, KeyId: string) => send('RotateKeyOnDemand', { KeyId })
const rotating =
  (prepare: (send: Send, KeyId: string) => Promise<unknown>): Scenario =>
  async send => {
    const { KeyId } = await newKey(send)
    await prepare(send, KeyId)
    return {
      'rotate-on-demand-response': await onDemand(send, KeyId),
      'rotation-status-response-after-rotation': await send('GetKeyRotationStatus', { KeyId }),
    }
  }
const dryRun = (operation: string): Scenario =>
  whole('dryrun_exception', operation, { KeyPairSpec: 'ECC_NIST_P256', DryRun: true })
const pair = { KeyPairSpec: 'RSA_2048' }

/** The scenarios by the names of the recordings. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  generate_random_invalid_number_of_bytes: async (send, [bytes]) => ({
    'generate-random-exc': await send(
      'GenerateRandom',
      bytes === 'None' ? {} : { NumberOfBytes: Number(bytes) },
    ),
  }),
  encrypt_validate_plaintext_size_per_key_type: async (send, [spec, algorithm]) => {
    const { KeyId } = await newKey(send, { KeySpec: spec, KeyUsage: 'ENCRYPT_DECRYPT' })
    const Plaintext = base64(Buffer.alloc(600))
    return {
      'generate-random-exc': await send('Encrypt', { KeyId, Plaintext, EncryptionAlgorithm: algorithm }),
    }
  },
  generate_random: async (send, [bytes]) => {
    const answer = await send('GenerateRandom', { NumberOfBytes: Number(bytes) })
    return { result_length: Buffer.from(member(answer, 'Plaintext') as string, 'base64').length }
  },
  create_key: async send => ({ 'describe-key': await metadata(send, (await newKey(send)).KeyId) }),
  get_key_in_different_region: async send => {
    const { KeyId, Arn } = await newKey(send)
    const id = await describeKey(send, KeyId, otherRegion)
    return {
      // Recorded the other way round: the key was in the second Region.
      'describe-key-diff-region-with-id': {
        ...id,
        body: JSON.parse(JSON.stringify(id.body).replace(otherRegion, 'us-east-1')),
      },
      'describe-key-diff-region-with-arn': await describeKey(send, Arn, otherRegion),
      'describe-key-same-specific-region-with-id': await describeKey(send, KeyId),
      'describe-key-same-specific-region-with-arn': await describeKey(send, Arn),
    }
  },
  get_key_does_not_exist: async send => ({
    'describe-nonexistent-key-with-id': await describeKey(send, anyId),
    'describe-nonexistent-with-arn': await describeKey(send, arnOf(anyId)),
    'describe-key-with-valid-id-mrk': await describeKey(send, `mrk-${anyId.replaceAll('-', '')}`),
  }),
  get_key_invalid_uuid: async send => ({
    'describe-key-with-invalid-uuid': await describeKey(send, 'no-key'),
    'describe-key-with-invalid-uuid-2': await describeKey(send, anyId.replaceAll('-', '')),
    'describe-key-with-invalid-uuid-mrk': await describeKey(send, 'mrk-no-key'),
  }),
  replicate_key: async send => {
    const { KeyId } = await newKey(send, { MultiRegion: true })
    const absent = await describeKey(send, KeyId, otherRegion)
    const replicated = await send('ReplicateKey', { KeyId, ReplicaRegion: otherRegion })
    const body = replicated.body as Record<string, unknown>
    const { ReplicaTags, ...shown } = body
    return {
      'describe-key-from-different-region': absent,
      // The recording parsed the policy and left the empty list of tags out.
      'replicate-key': {
        status: replicated.status,
        body: { ...shown, ReplicaPolicy: JSON.parse(body['ReplicaPolicy'] as string) },
      },
      'describe-key-from-region': await describeKey(send, KeyId),
      'describe-replicated-key': await describeKey(send, KeyId, otherRegion),
    }
  },
  create_alias: async send => ({
    create_alias: await send('CreateAlias', { AliasName: 'mine', TargetKeyId: (await newKey(send)).KeyId }),
  }),
  sign_verify: signVerify,
  hmac_create_key: async send => {
    const key = await macKey(send, 'HMAC_256')
    return { 'create-hmac-key': key, 'describe-key': await metadata(send, key.KeyId) }
  },
  hmac_create_key_invalid_operations: async send => ({
    'create-hmac-key-without-key-usage': await send('CreateKey', { KeySpec: 'HMAC_256' }),
    'create-hmac-key-invalid-spec': await send('CreateKey', {
      KeySpec: 'HMAC',
      KeyUsage: 'GENERATE_VERIFY_MAC',
    }),
    'create-hmac-key-invalid-key-usage': await send('CreateKey', { KeySpec: 'HMAC_256', KeyUsage: 'NONE' }),
  }),
  generate_and_verify_mac: async (send, [spec = '', MacAlgorithm]) => {
    const request = { KeyId: (await macKey(send, spec)).KeyId, MacAlgorithm, Message: base64('message') }
    const mac = await send('GenerateMac', request)
    const Mac = member(mac, 'Mac')
    const unknown = { ...request, KeyId: 'no_key' }
    return {
      'generate-mac': mac,
      'verify-mac': await send('VerifyMac', { ...request, Mac }),
      'generate-mac-invalid-key-id': await send('GenerateMac', unknown),
      'verify-mac-invalid-key-id': await send('VerifyMac', { ...unknown, Mac }),
    }
  },
  invalid_generate_mac: async (send, [spec = '', MacAlgorithm]) => ({
    'generate-mac': await send('GenerateMac', {
      KeyId: (await macKey(send, spec)).KeyId,
      MacAlgorithm,
      Message: base64('message'),
    }),
  }),
  invalid_verify_mac: async (send, [spec = '', MacAlgorithm, message = '']) => {
    const { KeyId } = await macKey(send, spec)
    const [Message, own] = [base64('some important message'), spec.replace('HMAC', 'HMAC_SHA')]
    const mac = await send('GenerateMac', { KeyId, MacAlgorithm: own, Message })
    const Mac = member(mac, 'Mac')
    return {
      'generate-mac': mac,
      'verify-mac': await send('VerifyMac', { KeyId, MacAlgorithm, Message: base64(message), Mac }),
    }
  },
  import_key_symmetric: async send => {
    const key = await externalKey(send)
    const encrypt = () => send('Encrypt', { KeyId: key.KeyId, Plaintext: base64('x') })
    const unopened = await encrypt()
    const undated = await importMaterial(send, key.KeyId, randomBytes(32), {
      ExpirationModel: 'KEY_MATERIAL_EXPIRES',
    })
    return {
      'created-key': key,
      'encrypt-before-import-error': unopened,
      'import-expiring-key-without-valid-to': undated,
      ...(await importLife(send, key, randomBytes(32))),
      'encrypt-after-delete-error': await encrypt(),
    }
  },
  import_key_asymmetric: async send => {
    const key = await externalKey(send, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })
    return { 'created-key': key, ...(await importLife(send, key, ecMaterial('ECC_NIST_P256'))) }
  },
  error_messaging_for_invalid_keys: async send => {
    const [symmetric, mac] = [await newKey(send), await macKey(send, 'HMAC_256')]
    const signing = await signingKey(send, 'ECC_NIST_P256')
    const message = { Message: base64('message'), SigningAlgorithm: 'ECDSA_SHA_256' }
    const sealed = await send('Encrypt', { KeyId: symmetric.KeyId, Plaintext: base64('x') })
    return {
      'generate-mac-invalid-key-id': await send('GenerateMac', {
        KeyId: symmetric.KeyId,
        Message: base64('message'),
        MacAlgorithm: 'HMAC_SHA_256',
      }),
      'sign-invalid-key-id': await send('Sign', { KeyId: mac.KeyId, ...message }),
      'verify-invalid-key-id': await send('Verify', {
        KeyId: symmetric.KeyId,
        ...message,
        Signature: base64('signature'),
      }),
      'encrypt-invalid-key-id': await send('Encrypt', { KeyId: signing.KeyId, Plaintext: base64('x') }),
      'decrypt-invalid-key-id': await send('Decrypt', {
        KeyId: signing.KeyId,
        CiphertextBlob: member(sealed, 'CiphertextBlob'),
      }),
    }
  },
  plaintext_size_for_encrypt: whole('invalid-plaintext-size-encrypt', 'Encrypt', {
    Plaintext: base64(Buffer.alloc(4097)),
  }),
  generate_data_key_pair_without_plaintext: whole(
    'generate-data-key-pair-without-plaintext',
    'GenerateDataKeyPairWithoutPlaintext',
    pair,
  ),
  generate_data_key_pair: whole('generate-data-key-pair', 'GenerateDataKeyPair', pair),
  generate_data_key: whole('generate-data-key-result', 'GenerateDataKey', { KeySpec: 'AES_256' }),
  generate_data_key_without_plaintext: whole(
    'generate-data-key-without-plaintext',
    'GenerateDataKeyWithoutPlaintext',
    { KeySpec: 'AES_256' },
  ),
  encrypt_decrypt_encryption_context: async send => {
    const { KeyId } = await newKey(send)
    const EncryptionContext = { a: 'b' }
    const sealed = await send('Encrypt', { KeyId, Plaintext: base64('x'), EncryptionContext })
    const CiphertextBlob = member(sealed, 'CiphertextBlob') as string
    const spoilt = Buffer.from(CiphertextBlob, 'base64')
    spoilt.fill(0, spoilt.length - 8)
    return {
      encrypt_response: sealed,
      decrypt_response_with_encryption_context: await send('Decrypt', { CiphertextBlob, EncryptionContext }),
      decrypt_response_without_encryption_context: await send('Decrypt', { CiphertextBlob }),
      decrypt_response_with_invalid_ciphertext: await send('Decrypt', {
        CiphertextBlob: base64(spoilt),
        EncryptionContext,
      }),
    }
  },
  encryption_context_generate_data_key: withoutContext('GenerateDataKey', 'CiphertextBlob', {
    KeySpec: 'AES_256',
  }),
  encryption_context_generate_data_key_without_plaintext: withoutContext(
    'GenerateDataKeyWithoutPlaintext',
    'CiphertextBlob',
    { KeySpec: 'AES_256' },
  ),
  encryption_context_generate_data_key_pair: withoutContext(
    'GenerateDataKeyPair',
    'PrivateKeyCiphertextBlob',
    pair,
  ),
  encryption_context_generate_data_key_pair_without_plaintext: withoutContext(
    'GenerateDataKeyPairWithoutPlaintext',
    'PrivateKeyCiphertextBlob',
    pair,
  ),
  get_parameters_for_import: async send => ({
    'response-error': await importParameters(send, (await newKey(send)).KeyId),
  }),
  create_multi_region_key: async send => ({
    create_multi_region_key: await newKey(send, { MultiRegion: true }),
  }),
  non_multi_region_keys_should_not_have_multi_region_properties: async send => ({
    non_multi_region_keys_should_not_have_multi_region_properties: await newKey(send, { MultiRegion: false }),
  }),
  derive_shared_secret: async send => {
    const agreement = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' }
    const [key, peer] = [await newKey(send, agreement), await newKey(send, agreement)]
    const PublicKey = member(await send('GetPublicKey', { KeyId: peer.KeyId }), 'PublicKey')
    const derive = (KeyId: string, more: object = {}) =>
      send('DeriveSharedSecret', { KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey, ...more })
    return {
      response: await derive(key.KeyId),
      'response-invalid-key-usage': await derive((await signingKey(send, 'ECC_NIST_P256')).KeyId),
      'response-invalid-key-spec': await send('CreateKey', {
        KeySpec: 'RSA_2048',
        KeyUsage: 'KEY_AGREEMENT',
      }),
      'response-invalid-key-agreement-algo': await derive(key.KeyId, { KeyAgreementAlgorithm: 'NONE' }),
      'response-invalid-key': await derive((await newKey(send)).KeyId),
      'response-invalid-public-key': await derive(key.KeyId, { PublicKey: base64('no key') }),
    }
  },
  derive_shared_secret_matches_openssl: async send => {
    const key = await newKey(send, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' })
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const PublicKey = base64(publicKey.export({ type: 'spki', format: 'der' }))
    return {
      'derived-shared-key-resp': await send('DeriveSharedSecret', {
        KeyId: key.KeyId,
        KeyAgreementAlgorithm: 'ECDH',
        PublicKey,
      }),
    }
  },
  tag_existing_key_and_untag: tagging(['a', 'b'], 'list-resource-tags-after-all-untagged', untag('a', 'b')),
  create_key_with_tag_and_untag: tagging(
    ['a', 'b'],
    'list-resource-tags-after-all-untagged',
    untag('a', 'b'),
  ),
  untag_key_partially: tagging(['a', 'b', 'c'], 'list-resource-tags-after-partially-untagged', untag('b')),
  update_and_add_tags_on_tagged_key: tagging(
    ['a', 'b', 'c'],
    'list-resource-tags-after-tags-updated',
    (send, KeyId) => send('TagResource', { KeyId, Tags: tags('b', 'd', 'e') }),
  ),
  tag_key_with_duplicate_tag_keys_raises_error: refusedTag('duplicate-tag-keys', tags('a', 'a')),
  create_key_with_too_many_tags_raises_error: refusedTag(
    'invalid-tag-key',
    tags(...Array.from({ length: 51 }, (_, index) => `k${index}`)),
  ),
  tag_existing_key_with_invalid_tag_key: async send => ({
    'invalid-tag-key': await send('TagResource', { KeyId: (await newKey(send)).KeyId, Tags: tags('aws:a') }),
  }),
  key_with_long_tag_value_raises_error: refusedTag('too-long-tag-value', [
    { TagKey: 'a', TagValue: 'x'.repeat(257) },
  ]),
  create_key_with_invalid_tag_key: (send, [kind = '']) =>
    refusedTag('invalid-tag-key', tags(invalidTagKeys[kind] ?? ''))(send, []),
  key_enable_rotation_status: async (send, [days]) => {
    const { KeyId } = await newKey(send)
    await send('EnableKeyRotation', { KeyId, RotationPeriodInDays: Number(days) })
    return { match_response: await send('GetKeyRotationStatus', { KeyId }) }
  },
  rotate_key_on_demand_modifies_key_material: async send => ({
    'rotate-on-demand-response': await onDemand(send, (await newKey(send)).KeyId),
  }),
  rotate_on_demand_returns_arn_for_key_id: async send => ({
    'rotate-on-demand-aws-key': await onDemand(send, (await newKey(send)).KeyId),
  }),
  rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_disabled: rotating((send, KeyId) =>
    send('DisableKeyRotation', { KeyId }),
  ),
  rotate_key_on_demand_with_symmetric_key_and_automatic_rotation_enabled: rotating((send, KeyId) =>
    send('EnableKeyRotation', { KeyId }),
  ),
  rotate_key_on_demand_raises_error_given_key_is_disabled: async send => {
    const { KeyId } = await newKey(send)
    await send('DisableKey', { KeyId })
    return { 'error-response': await onDemand(send, KeyId) }
  },
  rotate_key_on_demand_raises_error_given_key_that_does_not_exist: async send => ({
    'error-response': await onDemand(send, anyId),
  }),
  rotate_key_on_demand_raises_error_given_non_symmetric_key: async send => ({
    'error-response': await onDemand(send, (await signingKey(send, 'ECC_NIST_P256')).KeyId),
  }),
  key_rotations_encryption_decryption: async send => {
    const { KeyId } = await newKey(send)
    const sealed = await send('Encrypt', { KeyId, Plaintext: base64('x') })
    await onDemand(send, KeyId)
    const spoilt = Buffer.from(member(sealed, 'CiphertextBlob') as string, 'base64')
    spoilt.fill(0, spoilt.length - 8)
    return { 'bad-ciphertext': await send('Decrypt', { CiphertextBlob: base64(spoilt) }) }
  },
  key_rotations_limits: async send => {
    const { KeyId } = await newKey(send)
    for (let count = 0; count < 25; count += 1) await onDemand(send, KeyId)
    return { 'error-response': await onDemand(send, KeyId) }
  },
  generate_data_key_pair_dry_run: dryRun('GenerateDataKeyPair'),
  generate_data_key_pair_without_plaintext_dry_run: dryRun('GenerateDataKeyPairWithoutPlaintext'),
  re_encrypt: reEncrypt,
  re_encrypt_incorrect_source_key: async send => {
    const [from, to] = [await newKey(send), await newKey(send)]
    const sealed = await send('Encrypt', { KeyId: from.KeyId, Plaintext: base64('x') })
    return {
      'incorrect-source-key': await send('ReEncrypt', {
        CiphertextBlob: member(sealed, 'CiphertextBlob'),
        SourceKeyId: to.KeyId,
        DestinationKeyId: to.KeyId,
      }),
    }
  },
  import_key_rsa_aes_wrap_sha256: async send => {
    const key = await externalKey(send, { KeySpec: 'RSA_4096', KeyUsage: 'ENCRYPT_DECRYPT' })
    const before = await describeKey(send, key.KeyId)
    const material = generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey.export(pkcs8)
    await importMaterial(send, key.KeyId, material, { algorithm: 'RSA_AES_KEY_WRAP_SHA_256' })
    const after = await describeKey(send, key.KeyId)
    await send('DeleteImportedKeyMaterial', { KeyId: key.KeyId })
    return {
      'describe-before-import': before,
      'import-key-material-response': after,
      'describe-key-after-deleted-import': await describeKey(send, key.KeyId),
    }
  },
  describe_with_alias_arn: async send => {
    const key = await newKey(send)
    await send('CreateAlias', { AliasName: 'alias/mine', TargetKeyId: key.KeyId })
    return {
      'created-key': key,
      'describe-key': await describeKey(send, 'arn:aws:kms:us-east-1:111111111111:alias/mine'),
    }
  },
  import_key_ecc_keys: async (send, [spec = '']) => {
    const key = await externalKey(send, { KeySpec: spec, KeyUsage: 'SIGN_VERIFY' })
    const [SigningAlgorithm] = (key as unknown as { SigningAlgorithms: string[] }).SigningAlgorithms
    const request = { KeyId: key.KeyId, SigningAlgorithm, Message: base64('message') }
    return importLife(send, key, ecMaterial(spec), async () => {
      const signed = await send('Sign', request)
      const Signature = member(signed, 'Signature')
      return { 'sign-result': signed, 'verify-result': await send('Verify', { ...request, Signature }) }
    })
  },
  import_key_hmac_keys: async (send, [spec = '']) => {
    const key = await externalKey(send, { KeySpec: spec, KeyUsage: 'GENERATE_VERIFY_MAC' })
    const MacAlgorithm = spec.replace('HMAC', 'HMAC_SHA')
    const request = { KeyId: key.KeyId, MacAlgorithm, Message: base64('message') }
    return importLife(send, key, randomBytes(Number(spec.slice(5)) / 8), async () => {
      const made = await send('GenerateMac', request)
      const verified = await send('VerifyMac', { ...request, Mac: member(made, 'Mac') })
      return { 'generate-mac-response': made, 'verify-mac-response': verified }
    })
  },
  replicate_replica_key_should_fail: async send => {
    const { KeyId } = await newKey(send, { MultiRegion: true })
    await send('ReplicateKey', { KeyId, ReplicaRegion: otherRegion })
    return {
      'fail-replicate-non-primary-key': await send(
        'ReplicateKey',
        { KeyId, ReplicaRegion: 'eu-west-1' },
        otherRegion,
      ),
    }
  },
  rotate_key_on_demand_on_external_key_with_no_key_material: async (send, [spec]) => {
    const key = await externalKey(send)
    return {
      'create-kms-external-key': key,
      [`rotate-key-on-demand-error-response-${spec}`]: await onDemand(send, key.KeyId),
    }
  },
  rotate_key_on_demand_updates_current_key_material_for_external_keys: async send => {
    const key = await externalKey(send)
    const { KeyId } = key
    const encrypt = () => send('Encrypt', { KeyId, Plaintext: base64('x') })
    const answers: Answers = {
      'create-kms-external-key': key,
      'get-import-parameters-response': await importParameters(send, KeyId),
      'describe-empty-key-response': await describeKey(send, KeyId),
    }
    answers['import-key-material-response'] = await importMaterial(send, KeyId, randomBytes(32))
    answers['describe-key-with-material-response'] = await describeKey(send, KeyId)
    answers['kms-encrypt-initial-response'] = await encrypt()
    const next = await importMaterial(send, KeyId, randomBytes(32), { ImportType: 'NEW_KEY_MATERIAL' })
    answers['import-new-key-material-response'] = next
    answers['describe-key-with-new-material-response'] = await describeKey(send, KeyId)
    answers['rotate-key-on-demand-response'] = await onDemand(send, KeyId)
    answers['describe-key-after-rotation'] = await describeKey(send, KeyId)
    answers['kms-encrypt-rotated-key-response'] = await encrypt()
    return answers
  },
  get_parameters_for_import_raises_for_non_external_kms_keys: async send => ({
    'get-import-parameters-error': await importParameters(send, (await newKey(send)).KeyId),
  }),
  import_key_material_raises_if_there_is_already_key_material_pending: async send => {
    const { KeyId } = await externalKey(send)
    const first = await importMaterial(send, KeyId, randomBytes(32))
    const more = { ImportType: 'NEW_KEY_MATERIAL' }
    const pending = await importMaterial(send, KeyId, randomBytes(32), more)
    return {
      'import-initial-material-response': first,
      'import-pending-material-response': pending,
      'existing-pending-material-error': await importMaterial(send, KeyId, randomBytes(32), more),
    }
  },
  rotate_key_on_demand_for_external_keys_decrypts_with_previous_material: async send => {
    const key = await externalKey(send)
    const { KeyId } = key
    const imported = await importMaterial(send, KeyId, randomBytes(32))
    const sealed = await send('Encrypt', { KeyId, Plaintext: base64('x') })
    await importMaterial(send, KeyId, randomBytes(32), { ImportType: 'NEW_KEY_MATERIAL' })
    return {
      'create-kms-external-key': key,
      'import-key-material-response': imported,
      'kms-encrypt-initial-response': sealed,
      'rotate-key-on-demand-response': await onDemand(send, KeyId),
    }
  },
  rotate_key_on_demand_raises_for_no_pending_key_material: async send => {
    const { KeyId } = await externalKey(send)
    await importMaterial(send, KeyId, randomBytes(32))
    return { 'rotate-key-on-demand-invalid-state-error': await onDemand(send, KeyId) }
  },
  key_rotation_updates_current_key_material_id_for_aws_symmetric_keys: async send => {
    const { KeyId } = await newKey(send)
    const before = await describeKey(send, KeyId)
    await onDemand(send, KeyId)
    return {
      'describe-key-before-rotation': before,
      'describe-key-after-rotation': await describeKey(send, KeyId),
    }
  },
  get_parameter_by_arn: async send => {
    await send('PutParameter', { Name: 'mine', Value: 'v', Type: 'String' })
    const Name = 'arn:aws:ssm:us-east-1:111111111111:parameter/mine'
    return { Parameter: member(await send('GetParameter', { Name }), 'Parameter') }
  },
  parameters_with_path: async send => {
    const stored = await send('PutParameter', { Name: '/a/b', Value: 'v', Type: 'String' })
    const arn = 'arn:aws:ssm:us-east-1:111111111111:parameter/a/b'
    return {
      'put-parameter-response': stored,
      'get-parameter-response': await send('GetParameter', { Name: '/a/b' }),
      'get-parameter-by-arn-response': await send('GetParameter', { Name: arn }),
      'get-parameters-response': await send('GetParameters', { Names: ['/a/b'] }),
      'get-parameters-by-arn-response': await send('GetParameters', { Names: [arn] }),
    }
  },
}
