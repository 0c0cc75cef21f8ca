import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIsoTime } from '../src/iso-time.ts'

describe('an ISO 8601 time', () => {
  it('is read as it was written, in any time zone', () => {
    const time = fc.date({
      min: new Date('1000-01-01T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(time, fc.integer({ min: -23 * 60, max: 23 * 60 }), (date, offset) => {
        expect(parseIsoTime(date.toISOString())).toBe(date.getTime())
        const shifted = new Date(date.getTime() + offset * 60_000)
        if (!/^\d{4}-/.test(shifted.toISOString())) return
        const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map(part =>
          String(part).padStart(2, '0'),
        )
        const zone = `${offset < 0 ? '-' : '+'}${hours}:${minutes}`
        expect(parseIsoTime(shifted.toISOString().replace('Z', zone))).toBe(date.getTime())
      }),
    )
  })

  it.each([
    ['2026-02-28', Date.UTC(2026, 1, 28)],
    ['2026-02-28T01:02Z', Date.UTC(2026, 1, 28, 1, 2)],
    ['2026-02-30', undefined],
    ['2026-02-28T01:02:03', undefined],
    ['2026-02-28T24:00:00Z', undefined],
    ['2026-2-28', undefined],
    ['28.2.2026', undefined],
    ['1772000000', undefined],
    ['tomorrow', undefined],
    ['', undefined],
  ])('of %j is %s', (text, expected) => {
    expect(parseIsoTime(text)).toBe(expected)
  })
})
