import { expect, it } from 'vitest'
import { keySpecs, keyUsages, usageFor } from '../../src/core/key-kinds.ts'
import { knownSpecs } from '../../src/mock/kms/key-specs.ts'

it('offers what the mock knows, which was written on its own', () => {
  expect([...keySpecs].sort()).toEqual([...knownSpecs.keys()].sort())
  for (const spec of keySpecs) {
    for (const usage of keyUsages) {
      const known = knownSpecs.get(spec)?.algorithms[usage] !== undefined
      if (known) expect(usageFor(spec, usage)).toBe(usage)
      else expect(() => usageFor(spec, usage)).toThrow(`a ${spec} key cannot have the key usage ${usage}`)
    }
  }
})

it.each([
  ['SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT'],
  ['RSA_4096', 'ENCRYPT_DECRYPT'],
  ['ECC_NIST_P521', 'SIGN_VERIFY'],
  ['ECC_SECG_P256K1', 'SIGN_VERIFY'],
  ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY'],
  ['HMAC_224', 'GENERATE_VERIFY_MAC'],
] as const)('a %s key is for %s unless told otherwise', (spec, usage) => {
  expect(usageFor(spec, undefined)).toBe(usage)
})

it('says which specs have a usage', () => {
  const wanted = { code: 'usage', hint: 'choose --key-spec ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521' }
  expect(() => usageFor('RSA_2048', 'KEY_AGREEMENT')).toThrow(expect.objectContaining(wanted))
})
