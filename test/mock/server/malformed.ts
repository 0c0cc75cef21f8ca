/** Random requests that no client would send, for the properties beside this file. */

import fc from 'fast-check'
import { expect } from 'vitest'
import { type Served, signedBy } from './served.ts'

const text = fc.string({ maxLength: 200, unit: 'binary' })
const latin = fc.string({ maxLength: 60 }).map(found => found.replace(/[^\x20-\x7e]/g, '').trim())
const operation = fc.constantFrom(
  ...[
    'Encrypt',
    'Decrypt',
    'CreateKey',
    'PutKeyPolicy',
    'CreateAlias',
    'ReEncrypt',
    'GenerateDataKey',
    'TagResource',
  ],
)
const parameterOperation = fc.constantFrom(
  ...['PutParameter', 'GetParameter', 'GetParameters', 'DeleteParameters', 'LabelParameterVersion'],
)
const target = fc.oneof(
  operation.map(name => `TrentService.${name}`),
  parameterOperation.map(name => `AmazonSSM.${name}`),
  latin,
)
// Never an object whose members are right: a scalar, a list, a cut text, wrong types, or no JSON at all.
const body = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map(bytes => Buffer.concat([Buffer.of(0xff), bytes])),
  text.map(found => Buffer.from(`{"KeyId":${JSON.stringify(found)}`)),
  fc.array(fc.jsonValue()).map(found => Buffer.from(JSON.stringify(found))),
  fc
    .constantFrom('KeyId', 'Name', 'Plaintext', 'Tags', 'Names', 'Policy', 'CiphertextBlob')
    .map(name => Buffer.from(JSON.stringify({ [name]: { x: [1] }, Description: 7, ParameterVersion: 'x' }))),
  fc.nat(1000).map(depth => Buffer.from('['.repeat(depth + 1))),
)
const malformed = fc.record({
  method: fc.constantFrom('POST', 'POST', 'POST', 'PUT', 'GET', 'HEAD', 'DELETE'),
  path: fc.constantFrom('/', '/', '/', '/x', '/?a=b', '//', '/_kmseal', '/moto-api'),
  authorization: fc.oneof(fc.constant(signedBy('test')), latin),
  target,
  type: fc.oneof(
    fc.constantFrom('application/x-amz-json-1.1', 'application/x-www-form-urlencoded', 'text/plain'),
    latin,
  ),
  body,
})

/** Sends such requests: each is refused, none is a failure of the mock, and it still answers afterwards. */
export async function sendMalformed(served: Served, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(malformed, async ({ method, path, authorization, target, type, body }) => {
      const headers = {
        'content-type': type,
        'content-length': String(body.length),
        ...(authorization === '' ? {} : { authorization }),
        ...(target === '' ? {} : { 'x-amz-target': target }),
      }
      const { status } = await served.send({ method, path, headers, body })
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(500)
    }),
    { numRuns },
  )
  expect(served.failures).toEqual([])
  expect((await served.send({ method: 'GET', path: '/_kmseal/health' })).status).toBe(200)
}
