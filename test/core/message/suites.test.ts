import { AlgorithmSuiteIdentifier, NodeAlgorithmSuite } from '@aws-crypto/material-management-node'
import { expect, it } from 'vitest'
import { suiteName, suiteOf } from '../../../src/core/message/suites.ts'

const ids = Object.values(AlgorithmSuiteIdentifier).filter(id => typeof id === 'number')

it('knows the suites of the library, with their properties, and no others', () => {
  const known = Array.from({ length: 0x10000 }, (_, id) => id).filter(id => suiteOf(id, 1) ?? suiteOf(id, 2))
  expect(known).toEqual([...ids].sort((a, b) => a - b))
  for (const id of ids) {
    const theirs = new NodeAlgorithmSuite(id)
    const version = theirs.messageFormat as 1 | 2
    expect(suiteOf(id, version)).toMatchObject({
      id,
      version,
      keyBits: theirs.keyLength,
      committing: theirs.commitment === 'KEY',
      signed: theirs.signatureCurve !== undefined,
    })
    expect(suiteOf(id, 3 - version)).toBeUndefined()
  }
})

it('writes ids with four digits', () => {
  expect([suiteName(0x14), suiteName(0x0578)]).toEqual(['0x0014', '0x0578'])
})
