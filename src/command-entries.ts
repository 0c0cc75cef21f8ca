/** The subcommands: name, help group, summary, and the file that loads when one is named. */

import type { Command } from 'commander'
import type { Session } from './cli/context.ts'

/** What a file in `commands/` exports: it adds arguments, options and an action to its command. */
export interface CommandModule {
  register(command: Command, session: Session): void
}

/** A subcommand, before it is loaded. */
export interface CommandEntry {
  readonly name: string
  readonly group: string
  readonly summary: string
  /** Exit status of its failures, for a command whose other statuses are those of a child. */
  readonly failureStatus?: number
  /** `false` for a command that is to work whatever a configuration file says, or reads it by itself. */
  readonly readsConfiguration?: false
  readonly load: () => Promise<CommandModule>
}

/** All subcommands in the order of `--help`. */
export const commandEntries: readonly CommandEntry[] = [
  {
    name: 'encrypt',
    group: 'Secrets',
    summary: 'encrypt a secret or a file of any size',
    load: () => import('./commands/encrypt.ts'),
  },
  {
    name: 'decrypt',
    group: 'Secrets',
    summary: 'decrypt what KMS or an AWS Encryption SDK encrypted',
    load: () => import('./commands/decrypt.ts'),
  },
  {
    name: 'reencrypt',
    group: 'Secrets',
    summary: 'encrypt again under other keys, without showing the plaintext',
    load: () => import('./commands/reencrypt.ts'),
  },
  {
    name: 'verify-file',
    group: 'Secrets',
    summary: 'prove that files can be opened, without writing or showing them',
    load: () => import('./commands/verify-file.ts'),
  },
  {
    name: 'inspect',
    group: 'Secrets',
    summary: 'show what can be known of a ciphertext without a key',
    load: () => import('./commands/inspect.ts'),
  },
  {
    name: 'edit',
    group: 'Secrets',
    summary: 'change what is encrypted, in an editor',
    load: () => import('./commands/edit.ts'),
  },
  {
    name: 'datakey',
    group: 'Secrets',
    summary: 'generate a data key, wrapped and, on request, plain',
    load: () => import('./commands/datakey.ts'),
  },
  {
    name: 'random',
    group: 'Secrets',
    summary: 'generate random bytes in KMS',
    load: () => import('./commands/random.ts'),
  },
  {
    name: 'put-param',
    group: 'Parameters',
    summary: 'store a parameter, as a SecureString unless told otherwise',
    load: () => import('./commands/put-param.ts'),
  },
  {
    name: 'get-param',
    group: 'Parameters',
    summary: 'print the value of parameters',
    load: () => import('./commands/get-param.ts'),
  },
  {
    name: 'list-params',
    group: 'Parameters',
    summary: 'list parameters without their values',
    load: () => import('./commands/list-params.ts'),
  },
  {
    name: 'param-history',
    group: 'Parameters',
    summary: 'show all versions of a parameter',
    load: () => import('./commands/param-history.ts'),
  },
  {
    name: 'label-param',
    group: 'Parameters',
    summary: 'label a version of a parameter',
    load: () => import('./commands/label-param.ts'),
  },
  {
    name: 'tag-param',
    group: 'Parameters',
    summary: 'set, remove and list tags of a parameter',
    load: () => import('./commands/tag-param.ts'),
  },
  {
    name: 'copy-param',
    group: 'Parameters',
    summary: 'copy parameters to other names, Regions, accounts or backends',
    load: () => import('./commands/copy-param.ts'),
  },
  {
    name: 'rollback-param',
    group: 'Parameters',
    summary: 'store an old value of a parameter again',
    load: () => import('./commands/rollback-param.ts'),
  },
  {
    name: 'delete-param',
    group: 'Parameters',
    summary: 'delete parameters',
    load: () => import('./commands/delete-param.ts'),
  },
  {
    name: 'import-params',
    group: 'Parameters',
    summary: 'store what a dotenv, JSON or YAML file holds, after a plan',
    load: () => import('./commands/import-params.ts'),
  },
  {
    name: 'export-params',
    group: 'Parameters',
    summary: 'write parameters as dotenv, JSON, YAML, shell commands and more',
    load: () => import('./commands/export-params.ts'),
  },
  {
    name: 'exec',
    group: 'Parameters',
    summary: 'run a program with parameters in its environment',
    failureStatus: 125,
    load: () => import('./commands/exec.ts'),
  },
  {
    name: 'create-key',
    group: 'Keys',
    summary: 'create a KMS key',
    load: () => import('./commands/create-key.ts'),
  },
  {
    name: 'list-keys',
    group: 'Keys',
    summary: 'list KMS keys with their aliases, rotation and cost',
    load: () => import('./commands/list-keys.ts'),
  },
  {
    name: 'describe-key',
    group: 'Keys',
    summary: 'show what KMS knows of a key',
    load: () => import('./commands/describe-key.ts'),
  },
  {
    name: 'enable-key',
    group: 'Keys',
    summary: 'let a disabled key be used again',
    load: () => import('./commands/enable-key.ts'),
  },
  {
    name: 'disable-key',
    group: 'Keys',
    summary: 'keep a key from being used',
    load: () => import('./commands/disable-key.ts'),
  },
  {
    name: 'rotate-key',
    group: 'Keys',
    summary: 'rotate a key, now or regularly, and see when it was',
    load: () => import('./commands/rotate-key.ts'),
  },
  {
    name: 'delete-key',
    group: 'Keys',
    summary: 'schedule the deletion of a key, or call it off',
    load: () => import('./commands/delete-key.ts'),
  },
  {
    name: 'alias-key',
    group: 'Keys',
    summary: 'give a key an alias, move it, or remove it',
    load: () => import('./commands/alias-key.ts'),
  },
  {
    name: 'import-key-material',
    group: 'Keys',
    summary: 'give a key your own key material, at once or by way of an offline machine',
    load: () => import('./commands/import-key-material.ts'),
  },
  {
    name: 'replicate-key',
    group: 'Keys',
    summary: 'put a multi-Region key in one more Region',
    load: () => import('./commands/replicate-key.ts'),
  },
  {
    name: 'public-key',
    group: 'Keys',
    summary: 'write the public half of an asymmetric key, for encrypting and verifying without KMS',
    load: () => import('./commands/public-key.ts'),
  },
  {
    name: 'sign',
    group: 'Keys',
    summary: 'sign a message of any length with an asymmetric key',
    load: () => import('./commands/sign.ts'),
  },
  {
    name: 'verify',
    group: 'Keys',
    summary: 'verify a signature, with KMS or with a public key alone',
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'mac',
    group: 'Keys',
    summary: 'make the HMAC of a short message',
    load: () => import('./commands/mac.ts'),
  },
  {
    name: 'verify-mac',
    group: 'Keys',
    summary: 'verify an HMAC',
    load: () => import('./commands/verify-mac.ts'),
  },
  {
    name: 'key-policy',
    group: 'Access',
    summary: 'read, replace and look over a key policy',
    load: () => import('./commands/key-policy.ts'),
  },
  {
    name: 'share-key',
    group: 'Access',
    summary: 'let principals use a key, of other accounts too',
    load: () => import('./commands/share-key.ts'),
  },
  {
    name: 'share-snapshot-policy',
    group: 'Access',
    summary: 'let another account use encrypted snapshots, and prove that it can',
    load: () => import('./commands/share-snapshot-policy.ts'),
  },
  {
    name: 'explain-access',
    group: 'Access',
    summary: 'tell whether a principal may do something with a key, and why',
    load: () => import('./commands/explain-access.ts'),
  },
  {
    name: 'audit',
    group: 'Access',
    summary: 'show who used which key when, from CloudTrail',
    load: () => import('./commands/audit.ts'),
  },
  {
    name: 'mock',
    group: 'Tool',
    summary: 'serve, fill, look at or empty the built-in mock of KMS and Parameter Store',
    load: () => import('./commands/mock.ts'),
  },
  {
    name: 'config',
    group: 'Tool',
    summary: 'show where settings come from, and trust configuration files',
    readsConfiguration: false,
    load: () => import('./commands/config.ts'),
  },
  {
    name: 'doctor',
    group: 'Tool',
    summary: 'look for what keeps kmseal from working here, and say what to do',
    readsConfiguration: false,
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'completion',
    group: 'Tool',
    summary: 'print the completion script of a shell',
    readsConfiguration: false,
    load: () => import('./commands/completion.ts'),
  },
  {
    name: 'help',
    group: 'Tool',
    summary: 'show help for a command or a topic',
    readsConfiguration: false,
    load: () => import('./commands/help.ts'),
  },
]
