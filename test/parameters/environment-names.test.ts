import { describe, expect, it } from 'vitest'
import { isVariableName, refuseClashes, variableName } from '../../src/parameters/environment-names.ts'

const rules = { path: '/app', prefix: '', keepCase: false }

describe('the variable of a parameter', () => {
  it.each([
    ['/app/user', {}, 'USER'],
    ['/app/db/main-url', {}, 'DB_MAIN_URL'],
    ['/app/a.b', {}, 'A_B'],
    ['/app/db/Url', { keepCase: true }, 'db_Url'],
    ['/app/1st', { prefix: 'APP_' }, 'APP_1ST'],
    ['/app/db/url', { path: '/' }, 'APP_DB_URL'],
    ['flat', { path: '/' }, 'FLAT'],
    ['/application/x', {}, 'APPLICATION_X'],
  ])('%s with %j is %s', (parameter, some, variable) => {
    expect(variableName(parameter, { ...rules, ...some })).toBe(variable)
    expect(isVariableName(variable)).toBe(true)
  })

  it('is refused by name when it would begin with a digit', () => {
    expect(() => variableName('/app/1st', rules)).toThrow(
      expect.objectContaining({ code: 'failed', message: expect.stringContaining('/app/1st') }),
    )
  })
})

it('names the parameters of every clash in pairs', () => {
  const variables = ['/svc/foo-bar', '/svc/foo_bar', '/svc/foo.bar', '/svc/x'].map(parameter => {
    return { parameter, variable: variableName(parameter, { ...rules, path: '/svc' }) }
  })
  expect(() => refuseClashes(variables)).toThrow(
    expect.objectContaining({
      code: 'failed',
      details: [
        '/svc/foo-bar and /svc/foo_bar both give FOO_BAR',
        '/svc/foo-bar and /svc/foo.bar both give FOO_BAR',
      ],
    }),
  )
  expect(() => refuseClashes(variables.slice(2))).not.toThrow()
})
