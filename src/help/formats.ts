/** `kmseal help formats`: what is written and read. */

import { plainTopic } from './plain-topic.ts'

const text = `Nothing that kmseal writes is a format of its own.

Ciphertexts
  direct     a CiphertextBlob of KMS Encrypt, of 1 to 4096 bytes: aws kms decrypt opens it
  envelope   an AWS Encryption SDK message, version 2: AES-256-GCM, HKDF-SHA512, key commitment, frames of 1 MiB;
             with --sign an ECDSA P-384 signature. Every AWS Encryption SDK of version 2 or later opens it
  decrypt tells them apart, and reads version 1 too (--allow-legacy for messages without key commitment).

Text forms
  Ciphertext is base64 on standard output and raw in a file; --encoding base64|raw|hex changes that. decrypt takes raw
  bytes, base64 (standard or URL-safe, wrapped or not) and hex.

Other bytes
  datakey, random, sign, mac: base64 on standard output, raw in a file
  public-key: PEM with a preamble that names the key, or DER (SPKI); signatures as openssl has them
  put-param --seal stores a ciphertext as above, as base64 text

Parameters
  import-params reads dotenv, JSON and YAML; export-params writes dotenv, shell, fish, json, yaml, docker, github-env
  and k8s-secret. kmseal export-params --help says what each is for.

--json
  One object on standard output, or one a line for rows, with the names that AWS uses, bytes as base64 and times in ISO
  8601. An error is one line on standard error: {"error":{"code","name","message","details","hint"}}.
`

/** The topic. */
export const formatsTopic = plainTopic('formats', text)
