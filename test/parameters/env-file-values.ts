/** Arbitrary variables. */

import fc from 'fast-check'

/** Names of variables. */
export const variable = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,12}$/)

/** Values: text of any kind, without the NUL character that no variable can hold. */
export const value = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'\'"`$\\#= \t\nA\u00fc\u2028') }),
    fc.base64String({ minLength: 100, maxLength: 400 }),
  )
  .map(text => Buffer.from(text.replaceAll('\0', '')).toString())
