/** The unique ids of principals, such as AIDA… of a user: made up of its ARN, so the same each time. */

import { createHash } from 'node:crypto'

/**
 * The id of a principal: for a root user its account, for a session that of the role and the session's name.
 *
 * @param principal ARN
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
 */
export function userId(principal: string): string {
  const account = principal.split(':')[4] ?? ''
  if (principal.endsWith(':root')) return account
  const [, role, session] = /:assumed-role\/([^/]+)\/(.+)$/.exec(principal) ?? []
  if (role !== undefined && session !== undefined) return `${unique('AROA', `${account} ${role}`)}:${session}`
  return unique(principal.includes(':role/') ? 'AROA' : 'AIDA', principal)
}

function unique(prefix: string, text: string): string {
  return prefix + createHash('sha256').update(text).digest('hex').slice(0, 17).toUpperCase()
}
