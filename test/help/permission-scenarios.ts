/** One run of each case of the permission table: what must be there, and the command itself. */

/** What a scenario is told of the mock that it runs on. */
export interface Place {
  /** ARN of the symmetric key `alias/kmseal`. */
  readonly key: string
  /** A folder for files. */
  readonly folder: string
}

/** A run of a command. */
export interface Run {
  readonly argv: readonly string[]
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
}

/** A case: runs of the account's root before it, and the run that needs permissions. */
export interface Scenario {
  /** Exit status of the run; 0 unless said. */
  readonly status?: number
  /** Whether it takes the built program, as it starts another process of itself. */
  readonly built?: boolean
  readonly before?: (place: Place) => readonly Run[]
  readonly run: (place: Place) => Run
}

const encrypted = (place: Place, mode: string, more: readonly string[] = []): Run => ({
  argv: ['encrypt', '--key-id', place.key, '--mode', mode, ...more, '-o', `${place.folder}/x.enc`],
  stdin: 'secret',
})
const newKey = (spec: string, ...more: string[]): Run => ({
  argv: ['create-key', '--key-spec', spec, '--alias', 'alias/other', ...more],
})
const put = (name: string, ...more: string[]): Run => ({
  argv: ['put-param', name, ...more],
  stdin: 'value',
})
const file = (place: Place): string => `${place.folder}/x.enc`
const underKey = ({ key }: Place): string[] => ['--key-id', key]
const shareKey = (place: Place, ...words: string[]): Run => ({
  argv: [
    ...['share-key', ...underKey(place), '--principal', 'arn:aws:iam::111122223333:root', '--can', 'decrypt'],
    ...words,
  ],
})
const shareSnapshots = (place: Place, ...words: string[]): Run => ({
  argv: ['share-snapshot-policy', '--target-account', '111122223333', ...underKey(place), ...words],
})

const importJson = ['import-params', '-', '--format', 'json', '--prefix', '/a', '--yes']
const publicKeyFile = ({ folder }: Place): Run => ({
  argv: ['public-key', '--key-id', 'alias/other', '-o', `${folder}/k.pem`],
})
const signed = ({ folder }: Place): Run => ({
  argv: ['sign', '--key-id', 'alias/other', '-o', `${folder}/sig`],
  stdin: 'x',
})

/** By the command and the case, as the table names them. */
export const permissionScenarios: Readonly<Record<string, Scenario>> = {
  'encrypt: up to 4096 bytes': {
    run: ({ key }) => ({ argv: ['encrypt', '--key-id', key], stdin: 'x' }),
  },
  'encrypt: larger, or --mode envelope': {
    run: ({ key }) => ({ argv: ['encrypt', '--key-id', key], stdin: 'x'.repeat(5000) }),
  },
  'encrypt: several keys': {
    before: () => [newKey('SYMMETRIC_DEFAULT')],
    run: ({ key }) => ({ argv: ['encrypt', '--key-id', key, '--key-id', 'alias/other'], stdin: 'x' }),
  },
  'decrypt: ': {
    before: place => [encrypted(place, 'envelope')],
    run: place => ({ argv: ['decrypt', '--key-id', place.key, file(place)] }),
  },
  'decrypt: --key-id with an alias': {
    before: place => [encrypted(place, 'envelope')],
    run: place => ({ argv: ['decrypt', '--key-id', 'alias/kmseal', file(place)] }),
  },
  'reencrypt: KMS ciphertext': {
    before: place => [encrypted(place, 'direct'), newKey('SYMMETRIC_DEFAULT')],
    run: place => ({
      argv: ['reencrypt', '--source-key-id', place.key, '--destination-key-id', 'alias/other', file(place)],
    }),
  },
  'reencrypt: envelope': {
    before: place => [encrypted(place, 'envelope'), newKey('SYMMETRIC_DEFAULT')],
    run: place => ({
      argv: ['reencrypt', '--source-key-id', place.key, '--destination-key-id', 'alias/other', file(place)],
    }),
  },
  'verify-file: ': {
    before: place => [encrypted(place, 'envelope')],
    run: place => ({ argv: ['verify-file', '--key-id', place.key, file(place)] }),
  },
  'edit: envelope': {
    before: place => [encrypted(place, 'envelope')],
    run: place => ({
      argv: ['edit', '--key-id', place.key, '--temp-dir', place.folder, file(place)],
      env: { EDITOR: 'sed -i s/s/t/' },
    }),
  },
  'edit: KMS ciphertext': {
    before: place => [encrypted(place, 'direct')],
    run: place => ({
      argv: ['edit', '--key-id', place.key, '--temp-dir', place.folder, file(place)],
      env: { EDITOR: 'sed -i s/s/t/' },
    }),
  },
  'datakey: ': { run: place => ({ argv: ['datakey', ...underKey(place)] }) },
  'datakey: with its plaintext': {
    run: place => ({ argv: ['datakey', '--with-plaintext', ...underKey(place)] }),
  },
  'random: ': { run: () => ({ argv: ['random', '--number-of-bytes', '8'] }) },
  'put-param: new': { run: place => put('/a/b', ...underKey(place)) },
  'put-param: new, Advanced tier': { run: place => put('/a/b', ...underKey(place), '--tier', 'Advanced') },
  'put-param: --overwrite': {
    before: place => [put('/a/b', ...underKey(place))],
    run: () => ({ argv: ['put-param', '/a/b', '--overwrite'], stdin: 'new' }),
  },
  'put-param: new, --tag': { run: place => put('/a/b', ...underKey(place), '--tag', 'a=b') },
  'put-param: --seal': { run: place => put('/a/b', '--type', 'String', '--seal', ...underKey(place)) },
  'get-param: one': {
    before: place => [put('/a/b', ...underKey(place))],
    run: () => ({ argv: ['get-param', '/a/b'] }),
  },
  'get-param: several': {
    before: place => [put('/a/b', ...underKey(place)), put('/a/c', ...underKey(place))],
    run: () => ({ argv: ['get-param', '/a/b', '/a/c'] }),
  },
  'list-params: ': { before: () => [put('/a/b')], run: () => ({ argv: ['list-params', '/a'] }) },
  'param-history: ': {
    before: place => [put('/a/b', ...underKey(place))],
    run: () => ({ argv: ['param-history', '/a/b'] }),
  },
  'param-history: --show-values': {
    before: place => [put('/a/b', ...underKey(place))],
    run: () => ({ argv: ['param-history', '/a/b', '--show-values'] }),
  },
  'label-param: ': {
    before: place => [put('/a/b', ...underKey(place))],
    run: () => ({ argv: ['label-param', '/a/b', 'prod'] }),
  },
  'label-param: --remove': {
    before: place => [put('/a/b', ...underKey(place)), { argv: ['label-param', '/a/b', 'prod'] }],
    run: () => ({ argv: ['label-param', '/a/b', 'prod', '--remove'] }),
  },
  'tag-param: ': { before: () => [put('/a/b')], run: () => ({ argv: ['tag-param', '/a/b'] }) },
  'tag-param: --tag': {
    before: () => [put('/a/b')],
    run: () => ({ argv: ['tag-param', '/a/b', '--tag', 'a=b'] }),
  },
  'tag-param: --remove-tag': {
    before: () => [put('/a/b', '--tag', 'a=b')],
    run: () => ({ argv: ['tag-param', '/a/b', '--remove-tag', 'a'] }),
  },
  'copy-param: one': {
    before: place => [put('/a/b', ...underKey(place))],
    run: () => ({ argv: ['copy-param', '/a/b', '/a/c'] }),
  },
  'copy-param: one with tags': {
    before: place => [put('/a/b', ...underKey(place), '--tag', 'a=b')],
    run: () => ({ argv: ['copy-param', '/a/b', '/a/c'] }),
  },
  'copy-param: --recursive': {
    before: place => [put('/a/b', ...underKey(place))],
    run: () => ({ argv: ['copy-param', '/a', '/c', '--recursive'] }),
  },
  'rollback-param: ': {
    before: place => [
      put('/a/b', ...underKey(place)),
      { argv: ['put-param', '/a/b', '--overwrite'], stdin: 'new' },
    ],
    run: () => ({ argv: ['rollback-param', '/a/b', '--to', '1'] }),
  },
  'delete-param: one': { before: () => [put('/a/b')], run: () => ({ argv: ['delete-param', '/a/b'] }) },
  'delete-param: several': {
    before: () => [put('/a/b'), put('/a/c')],
    run: () => ({ argv: ['delete-param', '/a/b', '/a/c'] }),
  },
  'delete-param: --recursive, one': {
    before: () => [put('/a/b')],
    run: () => ({ argv: ['delete-param', '/a', '--recursive', '--yes'] }),
  },
  'import-params: ': {
    run: place => ({
      argv: ['import-params', '-', '--format', 'json', '--prefix', '/a', ...underKey(place), '--yes'],
      stdin: '{"x":"1"}',
    }),
  },
  'import-params: --prune, one': {
    before: place => [put('/a/x', ...underKey(place)), put('/a/y', ...underKey(place))],
    run: () => ({
      argv: ['import-params', '-', '--format', 'json', '--prefix', '/a', '--yes', '--prune'],
      stdin: '{"x":"1"}',
    }),
  },
  'export-params: ': {
    before: place => [put('/a/x', ...underKey(place))],
    run: () => ({ argv: ['export-params', '/a'] }),
  },
  'exec: paths': {
    before: place => [put('/a/x', ...underKey(place))],
    run: () => ({ argv: ['exec', '/a', '--', 'true'] }),
  },
  'exec: --param, --file': {
    before: place => [put('/a/x', ...underKey(place))],
    run: () => ({ argv: ['exec', '--param', '/a/x=X', '--', 'true'] }),
  },
  'create-key: ': { run: () => ({ argv: ['create-key'] }) },
  'create-key: --alias': { run: () => ({ argv: ['create-key', '--alias', 'alias/n'] }) },
  'create-key: --tag': { run: () => ({ argv: ['create-key', '--tag', 'a=b'] }) },
  'list-keys: ': { run: () => ({ argv: ['list-keys'] }) },
  'describe-key: ': { run: place => ({ argv: ['describe-key', place.key] }) },
  'enable-key: ': {
    run: place => ({ argv: ['enable-key', ...underKey(place)] }),
    before: place => [{ argv: ['disable-key', ...underKey(place)] }],
  },
  'disable-key: ': { run: place => ({ argv: ['disable-key', ...underKey(place)] }) },
  'rotate-key: ': { run: place => ({ argv: ['rotate-key', ...underKey(place)] }) },
  'rotate-key: --every': { run: place => ({ argv: ['rotate-key', ...underKey(place), '--every', '365d'] }) },
  'rotate-key: --off': {
    run: place => ({ argv: ['rotate-key', ...underKey(place), '--off'] }),
    before: place => [{ argv: ['rotate-key', ...underKey(place), '--every', '365d'] }],
  },
  'rotate-key: --now': { run: place => ({ argv: ['rotate-key', ...underKey(place), '--now'] }) },
  'rotate-key: --history': { run: place => ({ argv: ['rotate-key', ...underKey(place), '--history'] }) },
  'delete-key: ': { run: place => ({ argv: ['delete-key', ...underKey(place), '--yes'] }) },
  'delete-key: --cancel': {
    run: place => ({ argv: ['delete-key', ...underKey(place), '--cancel'] }),
    before: place => [{ argv: ['delete-key', ...underKey(place), '--yes'] }],
  },
  'alias-key: ': { run: place => ({ argv: ['alias-key', 'alias/n', ...underKey(place)] }) },
  'alias-key: --move': {
    before: () => [newKey('SYMMETRIC_DEFAULT')],
    run: place => ({ argv: ['alias-key', 'alias/other', ...underKey(place), '--move'] }),
  },
  'alias-key: --delete': { run: () => ({ argv: ['alias-key', 'alias/kmseal', '--delete'] }) },
  'import-key-material: ': {
    before: () => [newKey('SYMMETRIC_DEFAULT', '--origin', 'EXTERNAL')],
    run: () => ({ argv: ['import-key-material', '--key-id', 'alias/other', '--generate'] }),
  },
  'import-key-material: --delete': {
    before: () => [
      newKey('SYMMETRIC_DEFAULT', '--origin', 'EXTERNAL'),
      { argv: ['import-key-material', '--key-id', 'alias/other', '--generate'] },
    ],
    run: () => ({ argv: ['import-key-material', '--key-id', 'alias/other', '--delete', '--yes'] }),
  },
  'replicate-key: ': {
    before: () => [newKey('SYMMETRIC_DEFAULT', '--multi-region')],
    run: () => ({ argv: ['replicate-key', '--key-id', 'alias/other', '--replica-region', 'eu-west-1'] }),
  },
  'replicate-key: --alias': {
    before: () => [newKey('SYMMETRIC_DEFAULT', '--multi-region')],
    run: () => ({
      argv: [
        'replicate-key',
        '--key-id',
        'alias/other',
        '--replica-region',
        'eu-west-1',
        '--alias',
        'alias/n',
      ],
    }),
  },
  'public-key: ': {
    before: () => [newKey('RSA_2048')],
    run: () => ({ argv: ['public-key', '--key-id', 'alias/other'] }),
  },
  'sign: ': {
    before: () => [newKey('ECC_NIST_P256')],
    run: () => ({ argv: ['sign', '--key-id', 'alias/other'], stdin: 'x' }),
  },
  'sign: --signing-algorithm': {
    before: () => [newKey('ECC_NIST_P256')],
    run: () => ({
      argv: ['sign', '--key-id', 'alias/other', '--signing-algorithm', 'ECDSA_SHA_256'],
      stdin: 'x',
    }),
  },
  'verify: --signing-algorithm': {
    before: place => [
      newKey('ECC_NIST_P256'),
      { argv: ['sign', '--key-id', 'alias/other', '-o', `${place.folder}/sig`], stdin: 'x' },
    ],
    run: place => ({
      argv: [
        'verify',
        '--key-id',
        'alias/other',
        '--signing-algorithm',
        'ECDSA_SHA_256',
        '--signature',
        `${place.folder}/sig`,
      ],
      stdin: 'x',
    }),
  },
  'verify: ': {
    before: place => [
      newKey('ECC_NIST_P256'),
      { argv: ['sign', '--key-id', 'alias/other', '-o', `${place.folder}/sig`], stdin: 'x' },
    ],
    run: place => ({
      argv: ['verify', '--key-id', 'alias/other', '--signature', `${place.folder}/sig`],
      stdin: 'x',
    }),
  },
  'mac: ': {
    before: () => [newKey('HMAC_256')],
    run: () => ({ argv: ['mac', '--key-id', 'alias/other'], stdin: 'x' }),
  },
  'mac: --mac-algorithm': {
    before: () => [newKey('HMAC_256')],
    run: () => ({ argv: ['mac', '--key-id', 'alias/other', '--mac-algorithm', 'HMAC_SHA_256'], stdin: 'x' }),
  },
  'verify-mac: ': {
    before: place => [
      newKey('HMAC_256'),
      { argv: ['mac', '--key-id', 'alias/other', '-o', `${place.folder}/mac`], stdin: 'x' },
    ],
    run: place => ({
      argv: ['verify-mac', '--key-id', 'alias/other', '--mac', `${place.folder}/mac`],
      stdin: 'x',
    }),
  },
  'key-policy: get, lint': { run: place => ({ argv: ['key-policy', 'get', ...underKey(place)] }) },
  'key-policy: put': {
    run: place => ({
      argv: ['key-policy', 'put', ...underKey(place), '-', '--yes'],
      stdin:
        '{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"kms:*","Resource":"*"}]}',
    }),
  },
  'share-key: ': { run: place => shareKey(place) },
  'share-key: --apply': { run: place => shareKey(place, '--apply', '--yes') },
  'share-key: --revoke': {
    run: place => shareKey(place, '--revoke', '--yes'),
    before: place => [shareKey(place, '--apply', '--yes')],
  },
  'share-snapshot-policy: --apply': { run: place => shareSnapshots(place, '--apply', '--yes') },
  'share-snapshot-policy: --revoke': {
    run: place => shareSnapshots(place, '--revoke', '--yes'),
    before: place => [shareSnapshots(place, '--apply', '--yes')],
  },
  'explain-access: ': {
    run: place => ({
      argv: [
        'explain-access',
        ...underKey(place),
        '--principal',
        'arn:aws:iam::000000000000:root',
        '--action',
        'kms:Decrypt',
      ],
    }),
  },
  'audit: ': { run: place => ({ argv: ['audit', ...underKey(place)] }) },
  'doctor: key': { built: true, run: place => ({ argv: ['doctor', ...underKey(place)] }) },
  'doctor: key, not symmetric': {
    built: true,
    before: () => [newKey('RSA_2048')],
    run: () => ({ argv: ['doctor', '--key-id', 'alias/other'] }),
  },
  'doctor: key, --parameter': {
    built: true,
    before: place => [put('/a/b', ...underKey(place))],
    run: () => ({ argv: ['doctor', '--parameter', '/a/b'] }),
  },
  'encrypt: RSA key, --mode envelope': {
    before: () => [newKey('RSA_2048')],
    run: () => ({ argv: ['encrypt', '--key-id', 'alias/other', '--mode', 'envelope'], stdin: 'x' }),
  },
  'encrypt: --public-key': {
    before: place => [newKey('RSA_2048'), publicKeyFile(place)],
    run: ({ folder }) => ({ argv: ['encrypt', '--public-key', `${folder}/k.pem`], stdin: 'x' }),
  },
  'inspect: ': {
    before: place => [encrypted(place, 'envelope')],
    run: place => ({ argv: ['inspect', file(place)] }),
  },
  'delete-param: --recursive, several': {
    before: () => [put('/a/b'), put('/a/c')],
    run: () => ({ argv: ['delete-param', '/a', '--recursive', '--yes'] }),
  },
  'import-params: --prune, several': {
    before: place => ['x', 'y', 'z'].map(name => put(`/a/${name}`, ...underKey(place))),
    run: () => ({ argv: [...importJson, '--prune'], stdin: '{"x":"1"}' }),
  },
  'exec: --decrypt-env, --env-file': {
    before: place => [{ ...encrypted(place, 'direct'), stdin: 'A=b' }],
    run: place => ({ argv: ['exec', '--env-file', file(place), ...underKey(place), '--', 'true'] }),
  },
  'replicate-key: --tag': {
    before: () => [newKey('SYMMETRIC_DEFAULT', '--multi-region')],
    run: () => ({
      argv: ['replicate-key', '--key-id', 'alias/other', '--replica-region', 'eu-west-1', '--tag', 'a=b'],
    }),
  },
  'verify: --public-key': {
    before: place => [newKey('ECC_NIST_P256'), signed(place), publicKeyFile(place)],
    run: ({ folder }) => ({
      argv: ['verify', '--public-key', `${folder}/k.pem`, '--signature', `${folder}/sig`],
      stdin: 'x',
    }),
  },
  'verify-mac: --mac-algorithm': {
    before: ({ folder }) => [
      newKey('HMAC_256'),
      { argv: ['mac', '--key-id', 'alias/other', '-o', `${folder}/mac`], stdin: 'x' },
    ],
    run: ({ folder }) => ({
      argv: [
        ...['verify-mac', '--key-id', 'alias/other', '--mac', `${folder}/mac`],
        ...['--mac-algorithm', 'HMAC_SHA_256'],
      ],
      stdin: 'x',
    }),
  },
  'share-snapshot-policy: ': {
    run: () => ({
      argv: ['share-snapshot-policy', '--target-account', '111122223333', '--region', 'us-east-1'],
    }),
  },
  'share-snapshot-policy: --verify': {
    // Nobody said what IAM allows there: 9, but only when the key policy could be read.
    status: 9,
    run: place => ({
      argv: ['share-snapshot-policy', '--target-account', '111122223333', ...underKey(place), '--verify'],
    }),
  },
}
