/** The JSON Schema of configuration files: the one source of what they may say. */

/** The part of JSON Schema that is used here; `title` is what a value must be, in words. */
export interface Schema {
  readonly title?: string
  readonly description?: string
  readonly type?: 'object' | 'array' | 'string' | 'integer'
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly propertyNames?: Schema
  readonly additionalProperties?: false | Schema
  /** Of each group, one of the members at least. */
  readonly allOf?: readonly { readonly anyOf: readonly { readonly required: readonly string[] }[] }[]
  /** Alternatives that differ in their type. */
  readonly oneOf?: readonly Schema[]
}

const keyId: Schema = {
  title: 'a key id, alias/NAME, a key ARN or an alias ARN',
  type: 'string',
  pattern: '^[A-Za-z0-9][A-Za-z0-9:/_-]{0,2047}$',
}

const glob: Schema = { title: 'a glob with *, ? and **', type: 'string', pattern: '^[^\\n]{1,1024}$' }

const keysAndContext: Readonly<Record<string, Schema>> = {
  'key-id': {
    title: 'a key id, or a list of them',
    description: 'Wrapping keys for what is encrypted. They never limit what is decrypted.',
    oneOf: [keyId, { type: 'array', items: keyId, minItems: 1 }],
  },
  'encryption-context': {
    title: 'pairs of texts',
    description: 'Encryption context for what is encrypted. It is not secret.',
    type: 'object',
    propertyNames: { title: 'a key that does not begin with aws-crypto-', pattern: '^(?!aws-crypto-).+$' },
    additionalProperties: { title: 'text: quote it', type: 'string', maxLength: 8192 },
  },
}

const rules: Schema = {
  title: 'a list of rules',
  description: 'Keys and encryption context by path. The first rule that matches counts.',
  type: 'array',
  items: {
    title: 'a rule with files or parameters, and key-id or encryption-context',
    type: 'object',
    allOf: [
      { anyOf: [{ required: ['files'] }, { required: ['parameters'] }] },
      { anyOf: [{ required: ['key-id'] }, { required: ['encryption-context'] }] },
    ],
    properties: {
      files: {
        title: 'a glob, or a list of them',
        description:
          'Paths of files, relative to the folder of this file. Without a slash: names in any folder.',
        oneOf: [glob, { type: 'array', items: glob, minItems: 1 }],
      },
      parameters: {
        title: 'a glob, or a list of them',
        description: 'Names of parameters, such as /app/prod/**.',
        oneOf: [glob, { type: 'array', items: glob, minItems: 1 }],
      },
      ...keysAndContext,
    },
    additionalProperties: false,
  },
}

const settings: Readonly<Record<string, Schema>> = {
  backend: {
    title: 'aws or mock',
    description: 'Who answers: AWS, or the built-in mock.',
    type: 'string',
    enum: ['aws', 'mock'],
  },
  region: {
    title: 'a Region name such as eu-central-1',
    description: 'AWS Region.',
    type: 'string',
    pattern: '^[a-z0-9-]{1,63}$',
  },
  profile: {
    title: 'the name of a profile',
    description: 'Profile of the AWS configuration.',
    type: 'string',
    pattern: '^[\\w@+=,./-][\\w@+=,./ -]{0,127}$',
  },
  'endpoint-url': {
    title: 'a URL such as https://HOST or http://127.0.0.1:PORT, without user and password',
    description: 'Where to send requests.',
    type: 'string',
    pattern: '^https?://[^\\s@]{1,1024}$',
  },
  ...keysAndContext,
  'max-encrypted-data-keys': {
    title: 'a whole number from 1 to 65535',
    description: 'Wrapped data keys that a message may carry, for decrypt, reencrypt, verify-file and edit.',
    type: 'integer',
    minimum: 1,
    maximum: 65_535,
  },
  'max-frame-length': {
    title: 'a whole number of bytes from 1 to 4294967295',
    description: 'Bytes that a frame may claim, for decrypt, reencrypt, verify-file and edit.',
    type: 'integer',
    minimum: 1,
    maximum: 0xffffffff,
  },
  'cache-max-age': {
    title: 'a whole number of seconds from 1 to 86400',
    description: 'How long a data key serves when many files are encrypted or decrypted.',
    type: 'integer',
    minimum: 1,
    maximum: 86_400,
  },
  'cache-max-bytes': {
    title: 'a whole number of bytes',
    description: 'For how much a data key serves.',
    type: 'integer',
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
  },
  'cache-max-messages': {
    title: 'a whole number from 1 to 4294967296',
    description: 'For how many files a data key serves; 1 shares none.',
    type: 'integer',
    minimum: 1,
    maximum: 2 ** 32,
  },
  rules,
}

/**
 * The schema of `kmseal.config.{json,yaml,yml}`, as `kmseal config schema` prints it.
 *
 * @see https://json-schema.org/draft/2020-12/schema
 */
export const configSchema: Schema & { readonly $schema: string; readonly $id: string } = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:kmseal:config',
  title: 'Configuration of kmseal',
  description: 'Defaults of a project. Options and variables of the environment count before them.',
  type: 'object',
  properties: {
    $schema: { title: 'a text', description: 'For editors.', type: 'string', maxLength: 1024 },
    ...settings,
    environments: {
      title: 'a map of environments',
      description: 'Chosen with --env NAME or KMSEAL_ENV; what one says counts before the rest of the file.',
      type: 'object',
      propertyNames: {
        title: 'a name of letters, digits, dots, hyphens and underscores',
        pattern: '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$',
      },
      additionalProperties: {
        title: 'a map of settings',
        type: 'object',
        properties: settings,
        additionalProperties: false,
      },
    },
  },
  additionalProperties: false,
}
