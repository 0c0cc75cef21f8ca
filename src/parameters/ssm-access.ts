/** How the operations reach Parameter Store: a client per Region, and what was said about the Region. */

import type { SSMClient } from '@aws-sdk/client-ssm'
import type { RegionChoice } from '../core/key-id.ts'

/** Parameter Store clients by Region, for operations that take ARNs of several Regions. */
export interface SsmAccess {
  /** The client of a Region; of the default one when none is given. */
  readonly client: (region?: string) => Promise<SSMClient>
  readonly choice: RegionChoice
}
