/** Ranges of IP addresses. */

import { describe, expect, it } from 'vitest'
import { isInIpRange } from '../../src/policy/ip-range.ts'

describe('isInIpRange', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['203.0.113.4/30', '203.0.113.7', true],
    ['203.0.113.4/30', '203.0.113.8', false],
    ['10.0.0.0/9', '10.127.255.255', true],
    ['10.0.0.0/9', '10.128.0.0', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['203.0.113.7/24', '203.0.113.200', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '203.0.113.7', false],
    ['2001:db8::/32', '2001:DB8:0:1::1', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['::ffff:203.0.113.0/120', '::ffff:203.0.113.9', true],
    ['::/0', '::', true],
  ])('%s, %s: %j', (range, address, result) => {
    expect(isInIpRange(range, address)).toBe(result)
  })

  it.each([
    '',
    '203.0.113',
    '203.0.113.256',
    '203.0.113.07',
    '203.0.113.7/33',
    '203.0.113.7/',
    '203.0.113.7/8/8',
    '203.0.113.7/-1',
    '1:2:3',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    '::g',
    ':::',
    '1.2.3.4::',
    '::/129',
    'localhost',
  ])('cannot read %j', text => {
    expect(isInIpRange(text, '203.0.113.7')).toBe('unknown')
    if (!text.includes('/')) expect(isInIpRange('0.0.0.0/0', text)).toBe('unknown')
  })
})
