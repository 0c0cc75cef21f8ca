/** KMS of the SDK on the state that runs of the command line have: for what no command does. */

import { KMSClient } from '@aws-sdk/client-kms'
import { openEmulator } from '../../src/mock/emulator.ts'
import { mockRequestHandler } from '../../src/mock/request-handler.ts'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

const region = 'us-east-1'

/** Works with KMS, as the root of the mock's account, on the state folder of an environment. */
export async function withKms<T>(
  env: Readonly<Record<string, string>>,
  work: (kms: KMSClient) => Promise<T>,
): Promise<T> {
  const emulator = await openEmulator({ directory: env['KMSEAL_MOCK_DIR'] ?? '' })
  const caller = { principal: 'arn:aws:iam::000000000000:root', region }
  const kms = new KMSClient({
    region,
    credentials: { accessKeyId: 'mock', secretAccessKey: 'mock' },
    maxAttempts: 1,
    requestHandler: mockRequestHandler(async () => emulator, caller),
  })
  try {
    return await work(kms)
  } finally {
    await emulator.close()
  }
}
