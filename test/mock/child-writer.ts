/** A program for processes.test.ts: writes to the state folder and prints each acknowledged write as a line. */

import { writeSync } from 'node:fs'
import { openEmulator } from '../../src/mock/emulator.ts'

const [directory = '', name = '', rounds = '', reopenEvery = ''] = process.argv.slice(2)
const caller = { principal: 'arn:aws:iam::000000000000:root', region: 'eu-west-1' }
let emulator = await openEmulator({ directory })

async function call(target: string, input: object): Promise<Record<string, unknown>> {
  const { status, body } = await emulator.answer({ target, body: Buffer.from(JSON.stringify(input)), caller })
  if (status !== 200) throw new Error(body)
  return JSON.parse(body)
}

for (let i = 0; i < Number(rounds); i++) {
  const Name = `/own/${name}/${i}`
  await call('AmazonSSM.PutParameter', { Name, Value: `${name}-${i}`, Type: 'SecureString' })
  const shared = { Name: '/shared', Value: `${name}-${i}`, Type: 'String', Overwrite: true }
  const { Version } = await call('AmazonSSM.PutParameter', shared)
  const Plaintext = Buffer.from(`${name}-${i}`).toString('base64')
  const sealed = await call('TrentService.Encrypt', { KeyId: 'alias/kmseal', Plaintext })
  writeSync(
    1,
    `${JSON.stringify({ Name, Version, value: `${name}-${i}`, blob: sealed['CiphertextBlob'] })}\n`,
  )
  if (i % Number(reopenEvery) === 1) {
    await emulator.close()
    emulator = await openEmulator({ directory })
  }
}
await emulator.close()
