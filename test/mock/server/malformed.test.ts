import { test } from 'vitest'
import { sendMalformed } from './malformed.ts'
import { serveMock } from './served.ts'

test('no malformed request is answered with success, or fails the mock', async () => {
  await sendMalformed(await serveMock(), 300)
})
