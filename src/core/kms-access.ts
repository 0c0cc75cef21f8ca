/** How the core reaches KMS: a client per Region, and the rules that choose the Region of a key. */

import type { KMSClient } from '@aws-sdk/client-kms'
import { type RegionChoice, regionOfKey } from './key-id.ts'

/** KMS clients by Region, and what was said about the Region. */
export interface KmsAccess {
  /** The client of a Region; of the default one when none is given. */
  readonly client: (region?: string) => Promise<KMSClient>
  readonly choice: RegionChoice
}

/** The client for a key: of the Region in its ARN, otherwise of the default Region. */
export function clientForKey(access: KmsAccess, keyId: string): Promise<KMSClient> {
  return access.client(regionOfKey(keyId, access.choice))
}
