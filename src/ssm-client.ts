/** Makes the Parameter Store client, in a file of its own as that of KMS is. */

import { SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm'

/** The SDK's client. */
export function newSsmClient(config: SSMClientConfig): SSMClient {
  return new SSMClient(config)
}
