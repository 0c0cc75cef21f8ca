/** Sees how the answers to a client's requests travelled. */

import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'

/** One answer, whatever it said. */
export interface Answered {
  /** Such as `https:`. */
  readonly protocol: string
  /** With its port, if that is not the usual one. */
  readonly host: string
  /** Such as `TLSv1.3`; nothing without TLS. */
  readonly tlsVersion: string | undefined
  /** End of the validity of the server's certificate. */
  readonly validTo: Date | undefined
  /** What its Date header says, in milliseconds. */
  readonly date: number | undefined
}

interface Sent {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
}

interface Received {
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Partial<IncomingMessage>
}

interface Stack {
  add(
    middleware: unknown,
    options: { readonly step: 'deserialize'; readonly priority: 'low'; readonly name: string },
  ): void
}

type Next = (args: { request: Sent }) => Promise<{ response: Received }>

/**
 * Watches a client from now on.
 *
 * @returns a function that gives the last answer
 */
export function watchAnswers(client: { readonly middlewareStack: unknown }): () => Answered | undefined {
  let last: Answered | undefined
  const watch = (next: Next) => async (args: { request: Sent }) => {
    const result = await next(args)
    last = answeredOf(args.request, result.response)
    return result
  }
  // Nearest to the network, so that refusals are seen before they become exceptions.
  const stack = client.middlewareStack as Stack
  stack.add(watch, { step: 'deserialize', priority: 'low', name: 'watchAnswers' })
  return () => last
}

function answeredOf({ protocol, hostname, port }: Sent, { headers, body }: Received): Answered {
  const socket = body?.socket
  const tls = socket instanceof TLSSocket ? socket : undefined
  const date = Date.parse(headers['date'] ?? '')
  const validTo = Date.parse(tls?.getPeerCertificate().valid_to ?? '')
  return {
    protocol,
    host: port === undefined ? hostname : `${hostname}:${port}`,
    tlsVersion: tls?.getProtocol() ?? undefined,
    validTo: Number.isNaN(validTo) ? undefined : new Date(validTo),
    date: Number.isNaN(date) ? undefined : date,
  }
}
