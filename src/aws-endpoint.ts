/** Client configuration for real endpoints: endpoint, Region and credentials. */

import { loadConfig } from '@smithy/core/config'
import { awsTransport, checkTransport, isLoopbackHost } from './aws-transport.ts'
import { type Settings, standInAccessKeyId } from './config.ts'
import { usageError } from './errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The services that are asked, as endpoints and settings name them. */
export type ServiceName = 'kms' | 'ssm' | 'sts' | 'cloudtrail'

/**
 * What to construct a client of a service with.
 *
 * On a loopback endpoint without credentials or Region, dummies stand in and instance metadata is never asked.
 *
 * @throws KmsealError `usage` for an endpoint that is no URL or unencrypted off loopback, without a Region, or for a
 *   certificate bundle without certificates; `failed` for one that cannot be read
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
export async function awsClientConfig(
  service: ServiceName,
  settings: Settings,
  env: Environment,
  region: string | undefined,
) {
  const endpoint = await configuredEndpoint(service, settings, env)
  const loopback = endpoint !== undefined && isLoopbackHost(endpoint.hostname)
  if (endpoint !== undefined) checkTransport(endpoint.protocol, endpoint.hostname, settings, env)
  const bundle = env.AWS_CA_BUNDLE || (await ofProfile('ca_bundle', settings))
  return {
    region: region ?? settings.region ?? (await configuredRegion(settings, loopback)),
    ...(settings.profile === undefined ? {} : { profile: settings.profile }),
    ...(endpoint === undefined ? {} : { endpoint: endpoint.href }),
    ...(await credentials(settings, env, loopback)),
    requestHandler: awsTransport({ settings, env, bundle }),
    customUserAgent: [['kmseal']] as [string][],
  }
}

async function configuredEndpoint(
  service: ServiceName,
  settings: Settings,
  env: Environment,
): Promise<URL | undefined> {
  const text = settings.endpointUrl ?? (await ambientEndpoint(service, settings, env))
  if (text === undefined) return undefined
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw usageError(
      'the endpoint URL is no http or https URL',
      'write it as https://HOST or http://127.0.0.1:PORT',
    )
  }
  return new URL(text)
}

async function ambientEndpoint(
  service: ServiceName,
  settings: Settings,
  env: Environment,
): Promise<string | undefined> {
  if (/^true$/i.test(env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? '')) return undefined
  const variable = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env.AWS_ENDPOINT_URL
  if (variable) return variable
  if (settings.fileEndpointUrl !== undefined) return settings.fileEndpointUrl
  return loadConfig<string | undefined>(
    {
      environmentVariableSelector: () => undefined,
      configFileSelector: (profile, file) => {
        const section = profile.services === undefined ? undefined : file?.[`services.${profile.services}`]
        return section?.[`${service}.endpoint_url`] ?? profile.endpoint_url
      },
      default: undefined,
    },
    profileOption(settings),
  )()
}

async function configuredRegion(settings: Settings, loopback: boolean): Promise<string> {
  const region = await ofProfile('region', settings)
  if (region !== undefined) return region
  if (loopback) return 'us-east-1'
  throw usageError(
    'no AWS Region is set',
    'name one with --region or AWS_REGION, or work offline with --backend mock',
  )
}

/** A value of the profile; one in the credentials file beats that in the configuration file. */
function ofProfile(member: string, settings: Settings): Promise<string | undefined> {
  return loadConfig<string | undefined>(
    {
      environmentVariableSelector: () => undefined,
      configFileSelector: profile => profile[member],
      default: undefined,
    },
    { preferredFile: 'credentials', ...profileOption(settings) },
  )()
}

function profileOption(settings: Settings): { profile?: string } {
  return settings.profile === undefined ? {} : { profile: settings.profile }
}

async function credentials(settings: Settings, env: Environment, loopback: boolean) {
  const keysInEnvironment = Boolean(env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY)
  if (settings.profile === undefined && keysInEnvironment) {
    // The SDK would let AWS_PROFILE beat them; every other tool has it the other way round.
    const { fromEnv } = await import('@aws-sdk/credential-providers')
    return { credentials: fromEnv() }
  }
  if (!loopback) return {}
  return {
    credentials: async (request?: object) => {
      const { createCredentialChain, fromIni, fromProcess, fromTokenFile } = await import(
        '@aws-sdk/credential-providers'
      )
      const profile = profileOption(settings)
      const chain = createCredentialChain(fromIni(profile), fromProcess(profile), fromTokenFile())
      // Clients that the chain makes for itself take over our guarded transport from the request.
      return chain(request).catch(error => {
        if (settings.profile !== undefined) throw error
        return { accessKeyId: standInAccessKeyId, secretAccessKey: 'kmseal' }
      })
    },
  }
}
