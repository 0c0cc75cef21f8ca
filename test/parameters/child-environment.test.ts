import { describe, expect, it } from 'vitest'
import { childEnvironment, type GivenVariable } from '../../src/parameters/child-environment.ts'
import { changesPrograms } from '../../src/parameters/program-variables.ts'

const given = (variable: string, value: string, more: Partial<GivenVariable> = {}): GivenVariable => ({
  variable,
  value,
  source: `parameter /app/${variable}`,
  named: false,
  ...more,
})
const make = (
  variables: readonly GivenVariable[],
  more: {
    inherited?: Record<string, string>
    overload?: boolean
    required?: readonly string[]
    allowed?: readonly string[]
  } = {},
) => childEnvironment({ inherited: {}, overload: false, required: [], given: variables, ...more })

describe('the environment of a child', () => {
  it('has what is inherited, but nothing of kmseal, and what is given', () => {
    const inherited = { A: '1', KMSEAL_BACKEND: 'mock', KMSEAL_KEY_ID: 'x', ['__proto__x']: 'y' }
    expect({ ...make([given('B', '2')], { inherited }).env }).toEqual({ A: '1', B: '2', __proto__x: 'y' })
  })

  it('keeps what is there unless told otherwise, and says so when it differs', () => {
    const inherited = { A: 'old', B: 'same' }
    const variables = [given('A', 'new'), given('B', 'same')]
    expect(make(variables, { inherited })).toMatchObject({ env: { A: 'old' }, kept: ['A'] })
    expect(make(variables, { inherited, overload: true })).toMatchObject({ env: { A: 'new' }, kept: [] })
    const named = [given('A', 'new', { named: true })]
    expect(make(named, { inherited })).toMatchObject({ env: { A: 'new' }, kept: [] })
  })

  it('refuses one name from two sources, naming both', () => {
    const clash = [given('A', 'x', { source: 'parameter /a' }), given('A', 'x', { source: 'line 3 of f' })]
    expect(() => make(clash)).toThrow(
      expect.objectContaining({ details: ['parameter /a and line 3 of f both give A'] }),
    )
  })

  it.each(['', 'a-b', '1a', 'a b', 'a=b', 'ä'])('refuses %j, which is no name', name => {
    expect(() => make([given(name, 'x')])).toThrow(expect.objectContaining({ code: 'failed' }))
  })

  it('refuses a NUL byte by the name of the variable, never with the value', () => {
    const error = (() => {
      try {
        make([given('A', 'hunter2\0XYZ')])
      } catch (thrown) {
        return thrown
      }
      return undefined
    })()
    expect(error).toMatchObject({ code: 'failed', message: expect.stringContaining(': A') })
    expect(JSON.stringify(error)).not.toContain('hunter2')
  })

  it('misses required variables by name, empty ones too', () => {
    const inherited = { EMPTY: '', HERE: 'x' }
    expect(() => make([given('A', '1')], { inherited, required: ['A', 'HERE', 'EMPTY', 'GONE'] })).toThrow(
      expect.objectContaining({ code: 'not-found', message: 'required variables are missing: EMPTY, GONE' }),
    )
  })

  it.each([
    ...[
      'PATH',
      'LD_PRELOAD',
      'DYLD_INSERT_LIBRARIES',
      'NODE_OPTIONS',
      'BASH_ENV',
      'ENV',
      'PYTHONPATH',
      'IFS',
    ],
    ...[
      'AWS_PROFILE',
      'AWS_ENDPOINT_URL',
      'HTTPS_PROXY',
      'https_proxy',
      'GIT_SSH_COMMAND',
      'PERL5OPT',
      'RUBYOPT',
    ],
    ...['JAVA_TOOL_OPTIONS', 'SSL_CERT_FILE', 'PS4', 'PROMPT_COMMAND', 'EDITOR', 'BASH_FUNC_ls'],
    ...[
      'MAKEFLAGS',
      'TAR_OPTIONS',
      'WGETRC',
      'PYTHONPYCACHEPREFIX',
      'NULLCMD',
      'LUA_INIT_5_4',
      'VIMINIT',
      'PSQLRC',
    ],
    ...['JAVA_OPTS', 'GOFLAGS', 'RUSTC_WRAPPER', 'KRB5_CONFIG', 'fish_user_paths', 'PS1', 'DOTNET_ROOT'],
  ])('takes %s only from whom the user mapped to it', name => {
    expect(changesPrograms(name)).toBe(true)
    expect(() => make([given(name, 'x')])).toThrow(expect.objectContaining({ code: 'failed' }))
    expect(make([given(name, 'x', { named: true })]).env[name]).toBe('x')
  })

  it('takes those that were allowed by name, which replace nothing, and names all others', () => {
    const variables = ['AWS_REGION', 'JAVA_OPTS', 'PORT'].map(name => given(name, 'new'))
    expect(make(variables, { allowed: ['AWS_REGION', 'JAVA_OPTS'] }).env).toMatchObject({
      AWS_REGION: 'new',
      JAVA_OPTS: 'new',
    })
    const inherited = { AWS_REGION: 'old', JAVA_OPTS: 'old' }
    expect(make(variables, { inherited, allowed: ['AWS_REGION', 'JAVA_OPTS'] })).toMatchObject({
      env: { AWS_REGION: 'old', JAVA_OPTS: 'old', PORT: 'new' },
      kept: ['AWS_REGION', 'JAVA_OPTS'],
    })
    expect(() => make(variables, { allowed: ['aws_region', 'PORT'] })).toThrow(
      expect.objectContaining({
        message: 'parameter /app/AWS_REGION would set AWS_REGION, which changes how programs run',
        details: ['parameter /app/JAVA_OPTS would set JAVA_OPTS'],
        hint: 'map one parameter with --param NAME=VARIABLE; --allow AWS_REGION,JAVA_OPTS takes them from everywhere',
      }),
    )
  })

  it.each([
    'DATABASE_URL',
    'PASSWORD',
    'DB_PATH',
    'API_ENV',
    'PORT',
    'LDAP_URL',
    'GITHUB_TOKEN',
    'PGPASSWORD',
  ])('takes %s from everywhere', name => expect(make([given(name, 'x')]).env[name]).toBe('x'))
})
