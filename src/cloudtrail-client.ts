/** Makes the CloudTrail client, in a file of its own as that of KMS is. */

import { CloudTrailClient, type CloudTrailClientConfig } from '@aws-sdk/client-cloudtrail'

/** The SDK's client. */
export function newCloudTrailClient(config: CloudTrailClientConfig): CloudTrailClient {
  return new CloudTrailClient(config)
}
