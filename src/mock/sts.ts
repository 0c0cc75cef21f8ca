/** STS GetCallerIdentity, in AWS's query protocol: a form goes in, XML comes out. */

import { randomUUID } from 'node:crypto'
import type { Caller, WireResponse } from './emulator.ts'
import { userId } from './user-id.ts'

/** Content type of a request in the query protocol. */
export const queryContentType = 'application/x-www-form-urlencoded'

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/'

/**
 * Answers a request in the query protocol.
 *
 * @param body the form
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export function answerQuery(body: Uint8Array, caller: Caller): WireResponse {
  const form = new URLSearchParams(new TextDecoder().decode(body))
  const known = form.getAll('Action').join() === 'GetCallerIdentity' && form.get('Version') === '2011-06-15'
  return known
    ? identity(caller)
    : queryError(400, 'InvalidAction', 'The action is not valid for this endpoint.')
}

/** A refusal in the query protocol. */
export function queryError(status: number, code: string, message: string): WireResponse {
  return xml(
    status,
    id =>
      `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>${escaped(message)}</Message></Error><RequestId>${id}</RequestId></ErrorResponse>`,
  )
}

function identity({ principal }: Caller): WireResponse {
  const account = principal.split(':')[4] ?? ''
  return xml(
    200,
    id =>
      `<GetCallerIdentityResponse xmlns="${namespace}"><GetCallerIdentityResult>` +
      `<Arn>${escaped(principal)}</Arn><UserId>${escaped(userId(principal))}</UserId>` +
      `<Account>${account}</Account></GetCallerIdentityResult><ResponseMetadata>` +
      `<RequestId>${id}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
  )
}

function xml(status: number, body: (requestId: string) => string): WireResponse {
  const id = randomUUID()
  return { status, headers: { 'x-amzn-requestid': id, 'content-type': 'text/xml' }, body: body(id) }
}

function escaped(text: string): string {
  return text.replace(/[<>&"']/g, character => `&#${character.charCodeAt(0)};`)
}
