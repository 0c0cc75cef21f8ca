/** Makes the KMS client, in a file of its own: a bundle with only what is used of the SDK's package loads faster. */

import { KMSClient, type KMSClientConfig } from '@aws-sdk/client-kms'

/** The SDK's client. */
export function newKmsClient(config: KMSClientConfig): KMSClient {
  return new KMSClient(config)
}
