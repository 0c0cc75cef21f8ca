/** `kmseal help encryption`: the three places where something is encrypted, and the commands for each. */

import { plainTopic } from './plain-topic.ts'

const text = `In flight: from here to AWS
  Every request goes by TLS, and AWS_CA_BUNDLE, HTTPS_PROXY and NO_PROXY count. http is for endpoints on this machine;
  --allow-http allows more. A network sees neither plaintext nor keys.

At the service (server-side): AWS encrypts, and sees the plaintext
  put-param                       a SecureString: Parameter Store encrypts under your KMS key, and shows the value to
                                  whoever may read the parameter and use the key
  encrypt --mode direct           KMS encrypts up to 4096 bytes, and keeps neither plaintext nor ciphertext
  reencrypt (KMS ciphertexts)     KMS decrypts and encrypts again inside: the plaintext never comes here
  share-snapshot-policy           EBS and RDS snapshots, which EC2 and RDS encrypt

Here (client-side): AWS sees keys, never the plaintext
  encrypt (larger, or --mode envelope)
                                  a data key of KMS encrypts here, in constant memory, at any size
  encrypt --public-key            the same without network and credentials; only kms:Decrypt opens it
  put-param --seal                Parameter Store gets a ciphertext only; get-param, exec, export-params take --open.
                                  KMS encrypts up to 4096 bytes itself, and so sees them; longer values stay here
  datakey                         a data key for programs of your own

Which one
  a password or token for a program        put-param, then exec
  a file in a repository or a backup       encrypt, with --key-id and --encryption-context
  a value that Parameter Store and its
  administrators must not read             put-param --seal, then get-param --open or exec --open
  from a machine without access to AWS     public-key once, then encrypt --public-key there
`

/** The topic. */
export const encryptionTopic = plainTopic('encryption', text)
