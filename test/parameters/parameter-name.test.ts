import { describe, expect, it } from 'vitest'
import {
  checkNewParameterName,
  checkParameterName,
  checkParameterPath,
  maxNameLength,
  qualifiedName,
} from '../../src/parameters/parameter-name.ts'

const levels = (count: number): string => '/a'.repeat(count)

describe('checkNewParameterName', () => {
  it.each([
    'x',
    '/x',
    '/app/db/password',
    'A.b-c_9',
    '/my/aws/x',
    '/x/ssm-y',
    levels(15),
    'n'.repeat(maxNameLength),
  ])('takes %.40s', name => {
    expect(checkNewParameterName(name)).toBe(name)
  })

  it.each([
    ['', 'empty'],
    ['a b', 'a character that no name has'],
    [' /x', 'a character that no name has'],
    ['/x@y', 'a character that no name has'],
    ['/ä', 'a character that no name has'],
    ['/x\n', 'a character that no name has'],
    ['a/b', 'no leading slash'],
    ['/a//b', 'an empty part'],
    ['//a', 'an empty part'],
    ['/a/', 'an empty part'],
    ['/', 'an empty part'],
    [levels(16), '16 levels'],
    ['n'.repeat(maxNameLength + 1), '967 characters'],
    ['awsTest', 'begins with aws or ssm'],
    ['SSM-x', 'begins with aws or ssm'],
    ['/AWS/x', 'begins with aws or ssm'],
    ['/ssmx', 'begins with aws or ssm'],
    ['/a:3', 'without version or label'],
    ['a:prod', 'without version or label'],
    ['arn:aws:ssm:us-east-1:123456789012:parameter/a', 'not its ARN'],
  ])('refuses %.40s', (name, reason) => {
    expect(() => checkNewParameterName(name)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(reason) }),
    )
  })

  it('never quotes a text that is no name', () => {
    expect(() => checkNewParameterName('hunter2 XYZ')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    )
  })

  it('tells users of Git Bash what happened to their path', () => {
    expect(() => checkNewParameterName('C:/Program Files/Git/app/db')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('MSYS_NO_PATHCONV') }),
    )
  })
})

describe('checkParameterName', () => {
  it("takes names of AWS's own parameters, which can be named but not written", () => {
    expect(checkParameterName('/aws/service/x')).toBe('/aws/service/x')
  })
})

describe('checkParameterPath', () => {
  it.each([
    ['/', '/'],
    ['/app', '/app'],
    ['/app/', '/app'],
  ])('reads %s as %s', (text, path) => {
    expect(checkParameterPath(text)).toBe(path)
  })

  it.each(['', 'app', 'app/db', '/app//', '//', '/a b'])('refuses "%s"', text => {
    expect(() => checkParameterPath(text)).toThrow(expect.objectContaining({ code: 'usage' }))
  })
})

describe('qualifiedName', () => {
  it('gives both spellings of a flat name the same form', () => {
    expect(qualifiedName('x')).toBe(qualifiedName('/x'))
  })
})
