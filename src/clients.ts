/** The only factory of AWS clients. It chooses the backend; nobody behind it can tell which one answers. */

import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import type { KMSClient } from '@aws-sdk/client-kms'
import type { SSMClient } from '@aws-sdk/client-ssm'
import type { STSClient } from '@aws-sdk/client-sts'
import type { ServiceName } from './aws-endpoint.ts'
import { requireMockDirectory, type Settings } from './config.ts'
import type { Emulator } from './mock/emulator.ts'
import type { Faults } from './mock/faults.ts'
import type { MockServer } from './mock/server.ts'

/** Clients by Region, made on first use. Without a Region, the one of the settings. */
export interface Clients {
  kms(region?: string): Promise<KMSClient>
  ssm(region?: string): Promise<SSMClient>
  sts(region?: string): Promise<STSClient>
  cloudTrail(region?: string): Promise<CloudTrailClient>
  /**
   * The mock, whatever the backend.
   *
   * @param directory its state folder, instead of the one of the settings; counts on the first use of a run
   */
  emulator(directory?: string): Promise<Emulator>
  /** Serves the mock of a state folder, with the faults of KMSEAL_MOCK_FAULTS. */
  serveMock(options: ServeOptions): Promise<MockServer>
  /** Requests made so far; retries of one count as one. */
  readonly calls: CallCounts
  /** Closes connections and the mock's state. */
  close(): Promise<void>
}

/** Requests to the services that secrets are in; others cost nothing. */
export interface CallCounts {
  kms: number
  ssm: number
}

// The stacks of two clients have types of their own, and one use here.
interface MiddlewareStack {
  add(middleware: unknown, options: { readonly step: 'initialize'; readonly name: string }): void
}

/** Where to serve the mock. */
export interface ServeOptions {
  readonly directory: string
  readonly port: number
  readonly host: string
  readonly onFailure: (error: unknown) => void
}

/** What is different for a run that only looks. */
export interface ClientOptions {
  /** Whether requests leave events in the trail of the mock in this process; default yes. */
  readonly trail?: boolean
}

/** Region of the mock when nothing names one. */
export const mockDefaultRegion = 'us-east-1'

/**
 * Makes the client factory of a run. Nothing is loaded or connected before a client is asked for.
 *
 * @param env the environment, for proxies and certificates
 */
export function createClients(
  settings: Settings,
  env: Readonly<Record<string, string | undefined>>,
  { trail = true }: ClientOptions = {},
): Clients {
  const made = new Map<string, Promise<{ destroy(): void }>>()
  const calls: CallCounts = { kms: 0, ssm: 0 }
  let emulator: Promise<Emulator> | undefined

  const openMock = (directory?: string): Promise<Emulator> => {
    emulator ??= import('./mock/emulator.ts').then(({ openEmulator }) =>
      openEmulator({ directory: directory ?? requireMockDirectory(settings), trail }),
    )
    return emulator
  }

  let faults: Promise<Faults> | undefined
  const wantedFaults = async (): Promise<Faults | undefined> => {
    const specification = env.KMSEAL_MOCK_FAULTS ?? ''
    if (specification === '') return undefined
    // One set for all clients, so that counts are of the whole run.
    faults ??= import('./mock/faults.ts').then(({ parseFaults }) => parseFaults(specification))
    return faults
  }

  const clientConfig = async (service: ServiceName, region: string | undefined) => {
    if (settings.backend === 'aws') {
      const { awsClientConfig } = await import('./aws-endpoint.ts')
      return awsClientConfig(service, settings, env, region)
    }
    const { mockRequestHandler } = await import('./mock/request-handler.ts')
    const mockRegion = region ?? settings.region ?? mockDefaultRegion
    return {
      ...offlineConfig,
      region: mockRegion,
      endpoint: `https://${service}.mock.invalid`,
      requestHandler: mockRequestHandler(
        () => openMock(),
        { principal: settings.mockPrincipal, region: mockRegion, viaService: settings.mockViaService },
        await wantedFaults(),
      ),
    }
  }

  const counted = <Client extends { readonly middlewareStack: unknown }>(
    service: keyof CallCounts,
    client: Client,
  ): Client => {
    const count = (next: (args: unknown) => Promise<unknown>) => (args: unknown) => {
      calls[service] += 1
      return next(args)
    }
    const stack = client.middlewareStack as MiddlewareStack
    stack.add(count, { step: 'initialize', name: 'countCalls' })
    return client
  }

  const once = <Client extends { destroy(): void }>(key: string, make: () => Promise<Client>) => {
    const client = (made.get(key) as Promise<Client> | undefined) ?? make()
    made.set(key, client)
    return client
  }

  return {
    kms: region =>
      once(`kms ${region ?? ''}`, async () => {
        const [{ newKmsClient }, config] = await Promise.all([
          import('./kms-client.ts'),
          clientConfig('kms', region),
        ])
        return counted('kms', newKmsClient(config))
      }),
    ssm: region =>
      once(`ssm ${region ?? ''}`, async () => {
        const [{ newSsmClient }, config] = await Promise.all([
          import('./ssm-client.ts'),
          clientConfig('ssm', region),
        ])
        return counted('ssm', newSsmClient(config))
      }),
    sts: region =>
      once(`sts ${region ?? ''}`, async () => {
        const [{ newStsClient }, config] = await Promise.all([
          import('./sts-client.ts'),
          clientConfig('sts', region),
        ])
        return newStsClient(config)
      }),
    cloudTrail: region =>
      once(`cloudtrail ${region ?? ''}`, async () => {
        const [{ newCloudTrailClient }, config] = await Promise.all([
          import('./cloudtrail-client.ts'),
          clientConfig('cloudtrail', region),
        ])
        // Two requests a second are all that LookupEvents takes.
        return newCloudTrailClient({ ...config, retryMode: 'adaptive', maxAttempts: 10 })
      }),
    calls,
    emulator: openMock,
    async serveMock({ directory, ...options }) {
      const { startServer } = await import('./mock/server.ts')
      return startServer({ ...options, emulator: await openMock(directory), faults: await wantedFaults() })
    },
    async close() {
      for (const client of made.values()) {
        await client.then(
          open => open.destroy(),
          () => undefined,
        )
      }
      await emulator?.then(
        open => open.close(),
        () => undefined,
      )
    },
  }
}

// Everything that the SDK would otherwise look up in files and variables: the mock must not depend on them.
const offlineConfig = {
  credentials: { accessKeyId: 'mock', secretAccessKey: 'mock' },
  maxAttempts: 3,
  retryMode: 'standard',
  defaultsMode: 'standard',
  useDualstackEndpoint: false,
  useFipsEndpoint: false,
  userAgentAppId: async () => undefined,
  authSchemePreference: [] as string[],
} as const
