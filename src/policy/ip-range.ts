/** IP addresses and CIDR ranges, both versions, as the IpAddress operators compare them. */

import type { Truth } from './truth.ts'

/**
 * Whether an address lies in a range, such as `203.0.113.0/24`, `2001:db8::/32` or one address. Addresses of the
 * other version lie outside. Unknown when one of both is malformed.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function isInIpRange(range: string, address: string): Truth {
  const [start = '', length, more] = range.split('/')
  const network = parseIp(start)
  const host = parseIp(address)
  if (network === undefined || host === undefined || more !== undefined) return 'unknown'
  const bits = network.length * 8
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return 'unknown'
  const prefix = length === undefined ? bits : Number(length)
  if (prefix > bits) return 'unknown'
  if (network.length !== host.length) return false
  return network.every((byte, index) => {
    const covered = Math.min(8, Math.max(0, prefix - index * 8))
    const mask = (0xff << (8 - covered)) & 0xff
    return (byte & mask) === ((host[index] ?? 0) & mask)
  })
}

/** The 4 or 16 bytes of an address, or undefined for malformed text. */
function parseIp(text: string): number[] | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.')
  // Zeros in front are refused: some read them as octal.
  if (parts.length !== 4 || !parts.every(part => /^(?:0|[1-9]\d{0,2})$/.test(part))) return undefined
  const bytes = parts.map(Number)
  return bytes.every(byte => byte <= 255) ? bytes : undefined
}

function parseIpv6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1))
  if (head === undefined) return undefined
  if (halves.length === 1) return head.length === 16 ? head : undefined
  if (tail === undefined || head.length + tail.length > 14) return undefined
  return [...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail]
}

/** Bytes of groups between colons; the last may be an IPv4 address at the end of the whole. */
function parseGroups(text: string, atEnd: boolean): number[] | undefined {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    if (atEnd && index === groups.length - 1 && group.includes('.')) {
      const embedded = parseIpv4(group)
      if (embedded === undefined) return undefined
      bytes.push(...embedded)
    } else {
      if (!/^[\da-f]{1,4}$/i.test(group)) return undefined
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 0xff)
    }
  }
  return bytes
}
