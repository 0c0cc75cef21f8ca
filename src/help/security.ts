/** `kmseal help security`: what SECURITY.md says, in short. */

import { plainTopic } from './plain-topic.ts'

const text = `Protected
  Nothing decrypted is released before it has been authenticated; files appear whole or not at all, with mode 0600.
  Secrets come by standard input, file or hidden prompt, and are in no message, log or --debug output.
  Text of others (names, contexts, tags, answers) is escaped before it reaches a terminal.
  Requests go by TLS; http is for this machine alone, unless --allow-http.
  A configuration file that lies in a folder counts for nothing before kmseal config trust, and after any change.
  What cannot be undone for more than one named parameter asks on a terminal; without one it is refused unless --yes.

Up to you
  Pin the key: decrypt without --key-id accepts whatever key a ciphertext names and you may use.
  Bind what belongs together: --encryption-context is authenticated, and visible (in the message and in CloudTrail).
  --value and --ciphertext are visible to other users of the machine while the process runs.
  The length of a secret shows in its ciphertext, and an old ciphertext or parameter version can be put back.

Not protected
  Memory is overwritten where we own it: copies of the runtime, swap and core dumps are out of reach.
  The mock keeps its keys in the clear: it is for trying and tests, not for secrets.
  A message under --public-key says nothing about who wrote it.

SECURITY.md in the package has it all, and how to report a fault.
`

/** The topic. */
export const securityTopic = plainTopic('security', text)
