import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openEmulator } from '../../src/mock/emulator.ts'
import { differences, readRecordings } from '../helpers/recordings.ts'
import { temporaryFolder } from '../mock/mock-clients.ts'
import { type Send, scenarios } from './recorded-scenarios.ts'

/** What the service has changed since it was recorded. */
const superseded = new Set(['rotate_key_on_demand_raises_error_given_key_with_imported_key_material'])

async function openSender(): Promise<Send> {
  const emulator = await openEmulator({ directory: join(temporaryFolder(), 'state') })
  onTestFinished(() => emulator.close())
  const principal = 'arn:aws:iam::111111111111:root'
  return async (operation, body, region = 'us-east-1') => {
    const service = /Parameters?$/.test(operation) ? 'AmazonSSM' : 'TrentService'
    const bytes = Buffer.from(JSON.stringify(body))
    const target = `${service}.${operation}`
    const answer = await emulator.answer({ target, body: bytes, caller: { principal, region } })
    return { status: answer.status, body: answer.body === '' ? {} : JSON.parse(answer.body) }
  }
}

/** Our answer in the form of the recordings: what a client made of it. */
function asRecorded(ours: unknown, recorded: unknown): unknown {
  if (typeof ours !== 'object' || ours === null || !('status' in ours) || !('body' in ours)) return ours
  const { status, body } = ours as { status: number; body: Record<string, unknown> }
  const ResponseMetadata = { HTTPHeaders: {}, HTTPStatusCode: status }
  if (status === 200) return { ...body, ResponseMetadata }
  const text = String(body['message'] ?? body['Message'] ?? '')
  // The client repeats the text of exceptions that the service declares, under the name it came by.
  const repeated = Object.keys(recorded as object).filter(name => name in body)
  return {
    Error: { Code: body['__type'], Message: text },
    ...Object.fromEntries(repeated.map(name => [name, body[name]])),
    ResponseMetadata,
  }
}

const recordings = readRecordings().filter(({ scenario }) => !superseded.has(scenario))

describe.skipIf(recordings.length === 0)('every response that was recorded from AWS', () => {
  test('has a scenario', () => {
    expect(recordings.filter(({ scenario }) => scenarios[scenario] === undefined)).toEqual([])
  })

  const named = recordings.map(recording => ({
    ...recording,
    name: [recording.scenario, ...recording.parameters].join(' '),
  }))
  test.each(named)('$name', async ({ scenario, parameters, responses }) => {
    const answers = (await scenarios[scenario]?.(await openSender(), parameters)) ?? {}
    const names = new Map<string, string>()
    for (const [name, response] of Object.entries(responses)) {
      expect(differences(response, asRecorded(answers[name], response), names), name).toEqual([])
    }
  })
})

test('a difference is found', () => {
  const found = (recorded: unknown, ours: unknown) => differences(recorded, ours, new Map())
  expect(found({ KeyId: '<key-id:1>', Enabled: true }, { KeyId: 'a', Enabled: true })).toEqual([])
  expect(found({ Arn: '<key-id:1>', KeyId: '<key-id:1>' }, { Arn: 'a', KeyId: 'b' })).toHaveLength(1)
  expect(found({ Enabled: true }, { Enabled: false })).toHaveLength(1)
  expect(found({ Enabled: true }, {})).toEqual(['.Enabled: missing'])
  expect(found({}, { Enabled: true })).toEqual(['.Enabled: not recorded'])
  expect(found([{ a: 1 }], [])).toHaveLength(1)
  expect(found('Key <key-arn> is disabled.', 'Key x is disabled')).toHaveLength(1)
  expect(found('a set: [A, B]', 'a set: [A, B, SM2]')).toEqual([])
  expect(found('a set: [A, B]', 'a set: [B, A]')).toHaveLength(1)
  expect(found('datetime', 'today')).toHaveLength(1)
})
