/** Makes the STS client, in a file of its own as that of KMS is. */

import { STSClient, type STSClientConfig } from '@aws-sdk/client-sts'

/** The SDK's client. */
export function newStsClient(config: STSClientConfig): STSClient {
  return new STSClient(config)
}
