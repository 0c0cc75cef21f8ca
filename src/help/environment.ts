/** `kmseal help environment`: the variables that count. */

import { columns } from './columns.ts'
import type { TopicText } from './topics.ts'

type Variable = readonly [name: string, meaning: string]

/** All of them, with what they say. */
export const variables: readonly Variable[] = [
  ['KMSEAL_BACKEND', 'aws (default) or mock; --backend'],
  ['KMSEAL_KEY_ID', 'keys to encrypt under, separated by commas; --key-id. They never pin a decryption'],
  ['KMSEAL_CONFIG', 'configuration file, instead of one found here or above and trusted; --config'],
  ['KMSEAL_ENV', 'environment of the configuration file; --env'],
  ['KMSEAL_MOCK_DIR', 'state folder of the mock, instead of $XDG_STATE_HOME/kmseal/mock'],
  ['KMSEAL_MOCK_PRINCIPAL', 'ARN of the caller of the mock'],
  ['KMSEAL_MOCK_VIA_SERVICE', 'service that asks the mock for its caller, such as ec2'],
  ['KMSEAL_MOCK_FAULTS', 'faults that the mock makes on demand, such as throttle@0.1'],
  ['AWS_REGION, AWS_DEFAULT_REGION', 'Region; --region. A key ARN has its own'],
  ['AWS_PROFILE', 'profile of the AWS configuration; --profile'],
  [
    'AWS_ACCESS_KEY_ID …',
    'credentials, as for the AWS CLI: environment, web identity, profile, container, instance metadata',
  ],
  [
    'AWS_ENDPOINT_URL',
    'where to send requests; --endpoint-url. _KMS, _SSM, _STS, _CLOUDTRAIL at its end: for one service',
  ],
  ['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true: endpoints of the environment do not count'],
  ['AWS_CA_BUNDLE', 'file of certificates that are trusted, in PEM'],
  ['HTTPS_PROXY, ALL_PROXY, NO_PROXY', 'proxy for requests, and hosts that are reached without'],
  ['VISUAL, EDITOR', 'editor of kmseal edit'],
  ['XDG_STATE_HOME', 'where the mock and what is trusted are, not ~/.local/state'],
  ['XDG_CACHE_HOME', 'where compiled code is kept, not ~/.cache; NODE_DISABLE_COMPILE_CACHE=1 keeps none'],
  ['XDG_RUNTIME_DIR', 'where edit and exec --file keep plaintext meanwhile; --temp-dir'],
  ['KMS_ENCRYPTED_NAME', 'exec --decrypt-env: ciphertext that becomes NAME'],
  ['KMS_ENCRYPTION_CONTEXT', 'exec --decrypt-env: encryption context of these'],
  ['KMSEAL_COMPLETION_MS', 'how long TAB may look for names, from the start of the program (300)'],
  [
    'NO_COLOR, FORCE_COLOR, TERM',
    'no colours, as with --no-color; colours in a pipe too; none either on a dumb terminal',
  ],
]

/** The topic. */
export function environmentTopic(): TopicText {
  return {
    text: `${columns(['VARIABLE', 'WHAT IT SAYS'], variables)}
An option beats a variable, and a variable the configuration file. An empty variable counts as none. exec does not pass
KMSEAL_* on.
`,
    records: variables.map(([name, meaning]) => ({ Name: name, Meaning: meaning })),
  }
}
