import { describe, expect, it } from 'vitest'
import { usableSettings } from '../../src/config/faulty-settings.ts'

describe('usable settings', () => {
  it('are all of them where none is at fault', () => {
    const env = { KMSEAL_BACKEND: 'mock', AWS_REGION: 'eu-west-1', PATH: '/bin' }
    expect(usableSettings({ region: 'us-east-1' }, env)).toEqual({ faulty: [], flags: {}, env })
  })

  it('lack each that is at fault, and only those', () => {
    const env = { KMSEAL_BACKEND: 'x', KMSEAL_MOCK_PRINCIPAL: 'x', KMSEAL_MOCK_VIA_SERVICE: 'ec2' }
    const { faulty, flags, env: usable } = usableSettings({ region: 'No Region' }, env)
    expect(faulty.map(({ setting, error }) => [setting, error.code])).toEqual([
      ['backend', 'usage'],
      ['region', 'usage'],
      ['caller', 'usage'],
    ])
    expect(usable).toEqual({ KMSEAL_MOCK_VIA_SERVICE: 'ec2' })
    expect(Object.entries(flags)).toEqual([
      ['backend', undefined],
      ['region', undefined],
    ])
  })

  it('a sound flag hides the variable, as it does elsewhere', () => {
    expect(usableSettings({ backend: 'mock' }, { KMSEAL_BACKEND: 'x' }).faulty).toEqual([])
  })
})
