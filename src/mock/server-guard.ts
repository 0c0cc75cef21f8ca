/** Who may talk to the served mock: programs that name it properly, never a page in a web browser. */

import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/**
 * Says why a request must be refused, or nothing. A page of another origin sends Origin or Sec-Fetch-Site; one
 * whose name was rebound to this machine's address sends a Host that is none of ours.
 *
 * @param host the address that the server was told to listen on
 */
export function foreignRequest(headers: IncomingHttpHeaders, host: string): string | undefined {
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
    return 'Requests of web pages are refused.'
  }
  return isOurName(hostName(headers.host ?? ''), host)
    ? undefined
    : 'The Host of the request is not this server.'
}

/** The name in a Host header, without port and brackets. */
function hostName(header: string): string {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([a-zA-Z0-9.-]+))(?::\d{1,5})?$/.exec(header)
  return (match?.[1] ?? match?.[2] ?? '').toLowerCase()
}

function isOurName(name: string, host: string): boolean {
  if (name === '') return false
  if (name === 'localhost' || name === '::1' || name === host.toLowerCase()) return true
  if (isIP(name) === 4 && name.startsWith('127.')) return true
  // On all interfaces any address may be one of ours; an address cannot be rebound.
  return (host === '0.0.0.0' || host === '::') && isIP(name) !== 0
}
