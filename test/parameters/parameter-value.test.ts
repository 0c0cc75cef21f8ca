import { describe, expect, it } from 'vitest'
import { checkTier, textToStore } from '../../src/parameters/parameter-value.ts'

describe('textToStore', () => {
  it.each([
    'x',
    ' ',
    '\n',
    '-----BEGIN K-----\n',
    '\ufeffmark',
    'ä€😀',
    '{{ alone',
    '}}{{',
    '{{\n}}',
    'a'.repeat(8192),
  ])('gives back %.20j as it is', text => {
    expect(textToStore(Buffer.from(text))).toBe(text)
  })

  it.each([
    ['nothing at all', Buffer.alloc(0), 'empty'],
    ['8193 bytes', Buffer.alloc(8193, 'a'), 'larger than 8192 bytes'],
    [
      '8193 bytes cut inside a character',
      Buffer.concat([Buffer.alloc(8192, 'a'), Buffer.from([0xe2])]),
      'larger',
    ],
    ['bytes that are no UTF-8', Buffer.from([0x61, 0xff, 0x62]), 'not text'],
    ['a reference', Buffer.from('x{{ssm:y}}z'), '{{...}}'],
    ['an empty reference on a later line', Buffer.from('x\ny {{}}'), '{{...}}'],
  ])('refuses %s', (_, bytes, reason) => {
    expect(() => textToStore(bytes)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(reason) }),
    )
  })
})

describe('checkTier', () => {
  it.each([
    [4096, undefined, undefined, true],
    [4097, undefined, undefined, false],
    [4097, undefined, 'Standard', false],
    [4097, undefined, 'Advanced', true],
    [4097, 'Standard', 'Standard', false],
    [8192, 'Advanced', undefined, true],
    [8192, 'Intelligent-Tiering', 'Standard', true],
    [4096, 'Standard', undefined, true],
  ] as const)('with %s bytes, %s asked for and %s present says %s', (size, asked, present, fits) => {
    const check = (): void => checkTier({ size, asked, present, what: 'value' })
    if (fits) expect(check).not.toThrow()
    else expect(check).toThrow(/more than the 4096 bytes/)
  })
})
