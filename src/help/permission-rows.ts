/** What every command needs of IAM, as found on the mock. A test runs each line with just that, and without each action. */

/** One way of using a command, its actions, and those that it makes use of when they are allowed, with the use. */
export type PermissionRow = readonly [when: string, actions: string, optional?: string, use?: string]

const readOne = 'ssm:GetParameter kms:Decrypt'
const readTree = 'ssm:GetParametersByPath kms:Decrypt'
const fasterTree = 'ssm:DescribeParameters ssm:GetParameters'
const store = 'ssm:PutParameter kms:Encrypt'
const lookedUp = 'ssm:DescribeParameters'
const unchanged = 'an unchanged value is not stored again'
const changePolicy = 'kms:DescribeKey kms:GetKeyPolicy kms:PutKeyPolicy'

/**
 * By command, in the order of `kmseal --help`. Keys are named by their ARN, and SecureStrings are under a key of one's
 * own.
 */
export const permissionRows: Readonly<Record<string, readonly PermissionRow[]>> = {
  encrypt: [
    ['up to 4096 bytes', 'kms:Encrypt'],
    ['larger, or --mode envelope', 'kms:GenerateDataKey'],
    ['several keys', 'kms:GenerateDataKey kms:Encrypt'],
    ['RSA key, --mode envelope', 'kms:GenerateDataKey kms:GetPublicKey'],
    ['--public-key', ''],
  ],
  decrypt: [
    ['', 'kms:Decrypt'],
    ['--key-id with an alias', 'kms:DescribeKey kms:Decrypt'],
  ],
  reencrypt: [
    ['KMS ciphertext', 'kms:ReEncryptFrom kms:ReEncryptTo'],
    ['envelope', 'kms:Decrypt kms:GenerateDataKey'],
  ],
  'verify-file': [['', 'kms:Decrypt']],
  inspect: [['', '']],
  edit: [
    ['KMS ciphertext', 'kms:Decrypt kms:Encrypt'],
    ['envelope', 'kms:Decrypt kms:GenerateDataKey'],
  ],
  datakey: [
    ['', 'kms:GenerateDataKeyWithoutPlaintext'],
    ['with its plaintext', 'kms:GenerateDataKey'],
  ],
  random: [['', 'kms:GenerateRandom']],
  'put-param': [
    ['new', store],
    ['new, Advanced tier', 'ssm:PutParameter kms:GenerateDataKey'],
    ['new, --tag', `${store} ssm:AddTagsToResource`],
    ['--overwrite', `${lookedUp} ${store}`, readOne, unchanged],
    ['--seal', store],
  ],
  'get-param': [
    ['one', readOne],
    ['several', 'ssm:GetParameters kms:Decrypt'],
  ],
  'list-params': [['', lookedUp]],
  'param-history': [
    ['', 'ssm:GetParameterHistory'],
    ['--show-values', 'ssm:GetParameterHistory kms:Decrypt'],
  ],
  'label-param': [
    ['', 'ssm:LabelParameterVersion'],
    ['--remove', 'ssm:GetParameterHistory ssm:UnlabelParameterVersion'],
  ],
  'tag-param': [
    ['', 'ssm:ListTagsForResource'],
    ['--tag', 'ssm:AddTagsToResource'],
    ['--remove-tag', 'ssm:RemoveTagsFromResource'],
  ],
  'copy-param': [
    ['one', `${readOne} ${lookedUp} ssm:ListTagsForResource ${store}`],
    ['one with tags', `${readOne} ${lookedUp} ssm:ListTagsForResource ${store} ssm:AddTagsToResource`],
    [
      '--recursive',
      `${readTree} ${lookedUp} ssm:ListTagsForResource ${store}`,
      'ssm:GetParameters',
      'faster',
    ],
  ],
  'rollback-param': [['', `${readOne} ${lookedUp} ${store}`]],
  'delete-param': [
    ['one', 'ssm:DeleteParameter'],
    ['several', 'ssm:DeleteParameters'],
    ['--recursive, one', `${lookedUp} ssm:DeleteParameter`],
    ['--recursive, several', `${lookedUp} ssm:DeleteParameters`],
  ],
  'import-params': [
    ['', `${lookedUp} ${store}`, `${readOne} ssm:GetParameters`, unchanged],
    ['--prune, one', `${lookedUp} ${store} ssm:DeleteParameter`],
    ['--prune, several', `${lookedUp} ${store} ssm:DeleteParameters`],
  ],
  'export-params': [['', readTree, fasterTree, 'faster']],
  exec: [
    ['paths', readTree, fasterTree, 'faster'],
    ['--param, --file', readOne],
    ['--decrypt-env, --env-file', 'kms:Decrypt'],
  ],
  'create-key': [
    ['', 'kms:CreateKey'],
    ['--alias', 'kms:CreateKey kms:CreateAlias'],
    ['--tag', 'kms:CreateKey kms:TagResource'],
  ],
  'list-keys': [
    [
      '',
      'kms:ListKeys kms:ListAliases',
      'kms:DescribeKey kms:GetKeyRotationStatus kms:ListKeyRotations',
      'columns that are ? otherwise',
    ],
  ],
  'describe-key': [['', 'kms:DescribeKey']],
  'enable-key': [['', 'kms:EnableKey']],
  'disable-key': [['', 'kms:DisableKey']],
  'rotate-key': [
    ['', 'kms:GetKeyRotationStatus'],
    ['--every', 'kms:EnableKeyRotation'],
    ['--off', 'kms:DisableKeyRotation'],
    ['--now', 'kms:RotateKeyOnDemand'],
    ['--history', 'kms:ListKeyRotations'],
  ],
  'delete-key': [
    [
      '',
      'kms:ScheduleKeyDeletion',
      'kms:DescribeKey kms:ListAliases cloudtrail:LookupEvents',
      'what is shown before it asks',
    ],
    ['--cancel', 'kms:CancelKeyDeletion'],
  ],
  'alias-key': [
    ['', 'kms:CreateAlias'],
    ['--move', 'kms:UpdateAlias'],
    ['--delete', 'kms:DeleteAlias'],
  ],
  'import-key-material': [
    ['', 'kms:DescribeKey kms:GetParametersForImport kms:ImportKeyMaterial'],
    ['--delete', 'kms:DescribeKey kms:DeleteImportedKeyMaterial'],
  ],
  'replicate-key': [
    ['', 'kms:DescribeKey kms:ReplicateKey kms:CreateKey'],
    ['--alias', 'kms:DescribeKey kms:ReplicateKey kms:CreateKey kms:CreateAlias'],
    ['--tag', 'kms:DescribeKey kms:ReplicateKey kms:CreateKey kms:TagResource'],
  ],
  'public-key': [['', 'kms:GetPublicKey']],
  sign: [
    ['', 'kms:DescribeKey kms:Sign'],
    ['--signing-algorithm', 'kms:Sign'],
  ],
  verify: [
    ['', 'kms:DescribeKey kms:Verify'],
    ['--signing-algorithm', 'kms:Verify'],
    ['--public-key', ''],
  ],
  mac: [
    ['', 'kms:DescribeKey kms:GenerateMac'],
    ['--mac-algorithm', 'kms:GenerateMac'],
  ],
  'verify-mac': [
    ['', 'kms:DescribeKey kms:VerifyMac'],
    ['--mac-algorithm', 'kms:VerifyMac'],
  ],
  'key-policy': [
    ['get, lint', 'kms:GetKeyPolicy'],
    ['put', 'kms:GetKeyPolicy kms:PutKeyPolicy'],
  ],
  'share-key': [
    ['', ''],
    ['--apply', changePolicy],
    ['--revoke', changePolicy, 'kms:ListGrants', 'the grants that remain'],
  ],
  'share-snapshot-policy': [
    ['', ''],
    ['--apply', changePolicy],
    ['--revoke', changePolicy, 'kms:ListGrants', 'the grants that remain'],
    ['--verify', 'kms:DescribeKey kms:GetKeyPolicy', 'kms:ListGrants', 'what grants allow'],
  ],
  'explain-access': [
    ['', 'kms:GetKeyPolicy', 'kms:DescribeKey kms:ListGrants', 'what grants and conditions say'],
  ],
  audit: [['', 'cloudtrail:LookupEvents']],
  doctor: [
    [
      'key',
      'kms:DescribeKey kms:Encrypt',
      `kms:GenerateDataKey kms:Decrypt ${lookedUp}`,
      'each is tried; any one kms: action beside kms:DescribeKey is enough',
    ],
    ['key, not symmetric', 'kms:DescribeKey', lookedUp, 'whether parameters can be listed'],
    [
      'key, --parameter',
      `kms:DescribeKey ${readOne}`,
      'kms:Encrypt kms:GenerateDataKey',
      'each is tried, and none is needed',
    ],
  ],
}
