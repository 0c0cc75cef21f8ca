/** Checks of what requests need before they are made: a Region, an endpoint that may be asked, and credentials. */

import type { KMSClient } from '@aws-sdk/client-kms'
import { loadSharedConfigFiles } from '@smithy/core/config'
import { KmsealError } from '../errors.ts'
import { translate } from './aws-errors.ts'
import { type Finding, failed, findingOf, ok, skipped } from './checks.ts'

/** Where requests would go. */
export interface Place {
  readonly region: Finding
  /** What is wrong with the endpoint, its certificates or its transport, before anything is asked. */
  readonly endpoint?: Finding
}

/** What is known of the settings. */
export interface PlaceSettings {
  readonly region: string | undefined
  /** The profile of a flag, a variable or a file. */
  readonly profile: string | undefined
}

/**
 * Looks for the Region, and tells its faults from those of the endpoint.
 *
 * @param kms makes a client; without a Region, for the one of the settings
 */
export async function findPlace(
  kms: (region?: string) => Promise<KMSClient>,
  settings: PlaceSettings,
): Promise<Place> {
  try {
    return { region: ok(await (await kms()).config.region()) }
  } catch (error) {
    // With any Region at all, what is wrong still is the endpoint.
    const endpoint = await kms('us-east-1').then(() => undefined, findingOf)
    if (endpoint === undefined) return { region: await regionFault(error, settings) }
    const { region } = settings
    return {
      region: region === undefined ? skipped('not looked for before the endpoint is set right') : ok(region),
      endpoint,
    }
  }
}

async function regionFault(error: unknown, { profile }: PlaceSettings): Promise<Finding> {
  if (!(error instanceof KmsealError) || !(await isMissing(profile))) return findingOf(error)
  const message = `${error.message}, and the profile ${profile}, which could name one, does not exist`
  return failed(error.code, message, missingHint)
}

const missingHint =
  'aws configure list-profiles shows those that do; choose one with --profile or AWS_PROFILE'

/** Whether a profile was named that is in no file. */
async function isMissing(profile: string | undefined): Promise<boolean> {
  if (profile === undefined) return false
  const { configFile, credentialsFile } = await loadSharedConfigFiles()
  return !Object.hasOwn(configFile, profile) && !Object.hasOwn(credentialsFile, profile)
}

/** Whether there are credentials. */
export type Credentials =
  | { readonly kind: 'found' | 'stand-ins' }
  | { readonly kind: 'none'; readonly finding: Finding }

/**
 * Looks for credentials where the SDK does, without trying them.
 *
 * @param standIn the access key id of those that stand in for missing ones
 */
export async function findCredentials(
  client: KMSClient,
  standIn: string,
  { profile }: PlaceSettings,
): Promise<Credentials> {
  try {
    const { accessKeyId } = await client.config.credentials()
    return { kind: accessKeyId === standIn ? 'stand-ins' : 'found' }
  } catch (error) {
    const fault = translate(error, { action: 'sts:GetCallerIdentity', object: 'the credentials' })
    const finding = (await isMissing(profile))
      ? failed('denied', `the profile ${profile} does not exist`, missingHint)
      : fault.awsName === 'CredentialsProviderError'
        ? failed('denied', 'no AWS credentials were found', fault.hint)
        : findingOf(fault)
    return { kind: 'none', finding }
  }
}
