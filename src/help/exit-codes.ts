/** `kmseal help exit-codes`: the table of README, and the codes of errors that it is made from. */

import { type ErrorCode, exitStatusOf } from '../errors.ts'
import { columns } from './columns.ts'
import type { TopicText } from './topics.ts'

/** One row: statuses, the `code` of errors with `--json` if there is one, and what they mean. */
export interface ExitStatus {
  readonly status: string
  readonly code: ErrorCode | ''
  readonly meaning: string
}

const meanings: Readonly<Record<ErrorCode, string>> = {
  failed: 'everything else',
  usage: 'the command line or an input is malformed, empty or too large',
  'not-found': 'the key, alias, parameter or file does not exist',
  denied: 'no or expired credentials, or access denied',
  integrity:
    'the ciphertext is malformed, cut or altered, or belongs to another key or encryption context; a signature or MAC is not valid',
  unavailable: 'network, timeout or throttling: trying again may help',
  changes: '`--dry-run --exit-code` found that something would change',
  exists: 'it is there already, and overwriting was not asked for',
  unknown: '`explain-access` and `--verify` cannot tell',
}

/** What was asked for, and no error: there is no error object. */
const answers: readonly ErrorCode[] = ['changes', 'unknown']

/** Every exit status, in order. */
export const exitStatuses: readonly ExitStatus[] = [
  { status: '0', code: '', meaning: 'success' },
  ...(Object.keys(exitStatusOf) as ErrorCode[]).map(code => ({
    status: String(exitStatusOf[code]),
    code: answers.includes(code) ? ('' as const) : code,
    meaning: meanings[code],
  })),
  {
    status: '125, 126, 127, 128+n',
    code: '',
    meaning: '`exec`: its own failures; the program cannot be run, is not there, was ended by signal n',
  },
  { status: '130, 141', code: '', meaning: 'interrupted; the reader of the output went away' },
]

/** The topic. */
export function exitCodesTopic(): TopicText {
  const rows = exitStatuses.map(({ status, code, meaning }) => [status, code, meaning.replaceAll('`', '')])
  return {
    text: `${columns(['STATUS', 'CODE', 'MEANING'], rows)}
The code is in the error object that --json writes to standard error. Of several failures in one run it is their
common one, unavailable if any is, and otherwise failed. A refusal of the service that is none of these, such as
DisabledException, is failed, with AWS's name beside it.
`,
    records: exitStatuses.map(({ status, code, meaning }) => ({
      Status: status,
      Code: code,
      Meaning: meaning,
    })),
  }
}
