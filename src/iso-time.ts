/** Times as people and policies write them: ISO 8601. */

const isoForm =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d)))?$/

/**
 * Milliseconds since 1970 of an ISO 8601 date (its begin, in UTC), or of a date and time with its time zone.
 *
 * @returns nothing for anything else, and for days that no calendar has
 * @see https://www.rfc-editor.org/rfc/rfc3339#section-5.6
 */
export function parseIsoTime(text: string): number | undefined {
  const match = isoForm.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(toNumber)
  const [offsetHour = 0, offsetMinute = 0] = match.slice(9, 11).map(toNumber)
  const time = Date.UTC(year, month - 1, day, hour, minute, second)
  const read = new Date(time)
  const exact =
    read.getUTCFullYear() === year && read.getUTCMonth() === month - 1 && read.getUTCDate() === day
  if (!exact || hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59)
    return undefined
  const offset = (offsetHour * 60 + offsetMinute) * 60_000 * (match[8] === '-' ? -1 : 1)
  return time + Number(`0.${match[7] ?? 0}`) * 1000 - offset
}

function toNumber(text: string | undefined): number {
  return Number(text ?? 0)
}
