/** Faults on demand, so that clients can be tested against throttling, failures and bad networks. */

import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises'
import { type KmsealError, usageError } from '../errors.ts'
import type { WireRequest, WireResponse } from './emulator.ts'
import { AwsException, errorBody } from './exceptions.ts'

const kinds = ['throttle', '500', '503', 'drop', 'latency', 'denied', 'empty-page', 'echo'] as const

type Kind = (typeof kinds)[number]

interface Rule {
  /** An operation's name, or `*`. */
  readonly operation: string
  readonly kind: Kind
  /** Milliseconds of latency; requests a second above which one is throttled, 0 for all. */
  readonly amount: number
  /** Share of the requests that it strikes. */
  readonly rate: number
  /** How many it strikes in all. */
  left: number
  /** Requests that may come at this moment, and when that was counted. */
  readonly bucket: { tokens: number; filledAt: number }
}

type Answer = (request: WireRequest) => Promise<WireResponse>

/** Answers a request with whatever faults are due; undefined is a connection that drops without an answer. */
export type Faults = (request: WireRequest, answer: Answer) => Promise<WireResponse | undefined>

const grammar = `[OPERATION:]KIND[@RATE|xCOUNT], separated by commas; the kinds are ${kinds.join(', ')} (latency=MS; throttle=N above N a second)`

/**
 * Reads a specification such as `Encrypt:throttle@0.5,GetParameter:500x2,latency=20`.
 *
 * @param random gives numbers from 0 to below 1
 * @throws KmsealError usage for a malformed one
 * @see BEHAVIOUR.md beside this file
 */
export function parseFaults(specification: string, random: () => number = Math.random): Faults {
  const rules = specification
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
    .map(parseRule)
  const inTurn = turns()

  return async (request, answer) => {
    const operation = request.target.slice(request.target.lastIndexOf('.') + 1)
    for (const rule of rules) {
      if (rule.operation !== '*' && rule.operation !== operation) continue
      if (rule.kind === 'empty-page' && !canBeEmpty(request)) continue
      if (rule.kind === 'throttle' && rule.amount > 0 && hasRoom(rule)) continue
      if (rule.left <= 0 || (rule.rate < 1 && random() >= rule.rate)) continue
      rule.left -= 1
      if (rule.kind === 'drop') return undefined
      if (rule.kind !== 'latency') return faultyAnswer(rule.kind, request)
      await setTimeout(rule.amount)
      await inTurn()
    }
    return answer(withoutEmptyPageToken(request))
  }
}

/**
 * Lets those go on one at a time that waited together. In between the network is looked at: otherwise a request
 * that came meanwhile would begin to wait only after all of them were answered.
 */
function turns(): () => Promise<void> {
  let last = Promise.resolve()
  return () => {
    last = last.then(() => nextTurn())
    return last
  }
}

function parseRule(text: string): Rule {
  const match = /^(?:([A-Za-z]+|\*):)?([a-z0-9-]+?)(?:=(\d{1,6}))?(?:@(0?\.\d+|[01])|x(\d{1,6}))?$/.exec(text)
  const kind = kinds.find(known => known === match?.[2])
  const takesAmount = kind === 'latency' || (kind === 'throttle' && match?.[3] !== undefined)
  if (match === null || kind === undefined || takesAmount !== (match[3] !== undefined)) throw malformed()
  return {
    operation: match[1] ?? '*',
    kind,
    amount: Number(match[3] ?? 0),
    rate: Number(match[4] ?? 1),
    left: match[5] === undefined ? Number.POSITIVE_INFINITY : Number(match[5]),
    bucket: { tokens: Number(match[3] ?? 0), filledAt: performance.now() },
  }
}

/** Takes one request out of the bucket, which holds those of one second. */
function hasRoom({ bucket, amount }: Rule): boolean {
  const now = performance.now()
  bucket.tokens = Math.min(amount, bucket.tokens + ((now - bucket.filledAt) / 1000) * amount)
  bucket.filledAt = now
  if (bucket.tokens < 1) return false
  bucket.tokens -= 1
  return true
}

function malformed(): KmsealError {
  return usageError('KMSEAL_MOCK_FAULTS is malformed', `write it as ${grammar}`)
}

// Lists of these operations may be empty and still have a token, as those of the services may.
const emptyPages: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  GetParametersByPath: { Parameters: [] },
  DescribeParameters: { Parameters: [] },
  GetParameterHistory: { Parameters: [] },
}
const firstToken = 'kmseal-empty-page'

function canBeEmpty({ target, body }: WireRequest): boolean {
  const operation = target.slice(target.lastIndexOf('.') + 1)
  return Object.hasOwn(emptyPages, operation) && !('NextToken' in inputOf(body))
}

function faultyAnswer(kind: Exclude<Kind, 'drop' | 'latency'>, request: WireRequest): WireResponse {
  const { target, body, caller } = request
  const operation = target.slice(target.lastIndexOf('.') + 1)
  const isKms = target.startsWith('TrentService')
  const action = `${isKms ? 'kms' : 'ssm'}:${operation}`
  switch (kind) {
    case 'throttle':
      return refused(400, new AwsException('ThrottlingException', 'Rate exceeded'))
    case '500':
      return refused(
        500,
        new AwsException(
          isKms ? 'KMSInternalException' : 'InternalServerError',
          'An internal error occurred',
        ),
      )
    case '503':
      return refused(503, new AwsException('ServiceUnavailableException', 'The service is unavailable'))
    case 'denied':
      return refused(
        400,
        new AwsException(
          'AccessDeniedException',
          `User: ${caller.principal} is not authorized to perform: ${action} because no identity-based policy ` +
            `allows the ${action} action`,
        ),
      )
    case 'empty-page':
      return json(200, { ...emptyPages[operation], NextToken: firstToken })
    case 'echo':
      return refused(400, new AwsException('ValidationException', `Invalid value: ${submitted(body)}`))
  }
}

// The token of an empty page, taken out of a request again: what follows is the first page.
function withoutEmptyPageToken(request: WireRequest): WireRequest {
  if (!textOf(request.body).includes(firstToken)) return request
  const { NextToken: token, ...rest } = inputOf(request.body)
  return token === firstToken ? { ...request, body: Buffer.from(JSON.stringify(rest)) } : request
}

function submitted(body: Uint8Array): string {
  const { Value: value, Plaintext: plaintext } = inputOf(body)
  return typeof value === 'string' ? value : String(plaintext ?? textOf(body))
}

// The SDK warns when its request bodies are turned to text in other ways.
function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body)
}

function inputOf(body: Uint8Array): Record<string, unknown> {
  try {
    const input: unknown = JSON.parse(textOf(body) || '{}')
    return typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function refused(status: number, exception: AwsException): WireResponse {
  return json(status, errorBody(exception))
}

function json(status: number, body: object): WireResponse {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify(body),
  }
}
