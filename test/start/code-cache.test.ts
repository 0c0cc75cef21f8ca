import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { geteuid } from 'node:process'
import { describe, expect, it } from 'vitest'
import { CodeCache, codeCacheFolder } from '../../src/start/code-cache.ts'
import { testFolder } from '../helpers/folder.ts'

const user = geteuid?.() ?? 0
const codes = new Map([
  ['a', Buffer.from('code of a')],
  ['b', Buffer.from('code of b')],
])

/** A folder with something kept in it. */
function filled(name = 'build-1') {
  const place = testFolder()
  const folder = join(place, 'cache/kmseal')
  mkdirSync(join(place, 'cache'))
  const cache = new CodeCache(folder, name, user)
  expect(cache.prepare()).toBe(true)
  cache.add(codes)
  return { place, folder, file: `${folder}/${name}.compiled` }
}

const opened = (folder: string, name = 'build-1', as = user) => new CodeCache(folder, name, as)
const found = (cache: CodeCache) => ['a', 'b'].map(part => cache.get(part)?.toString())
const nothing = [undefined, undefined]

describe('the folder for compiled code', () => {
  it.each([
    [{ XDG_CACHE_HOME: '/c', HOME: '/h' }, '/c/kmseal'],
    [{ HOME: '/h' }, '/h/.cache/kmseal'],
    [{ XDG_CACHE_HOME: '', HOME: '/h' }, '/h/.cache/kmseal'],
    [{ XDG_CACHE_HOME: 'relative', HOME: '/h' }, '/h/.cache/kmseal'],
    [{ XDG_CACHE_HOME: './x' }, undefined],
    [{ HOME: 'relative' }, undefined],
    [{}, undefined],
    [{ HOME: '/h', NODE_DISABLE_COMPILE_CACHE: '1' }, undefined],
  ])('of %j is %s', (env, folder) => {
    expect(codeCacheFolder(env)).toBe(folder)
  })
})

describe('compiled code', () => {
  it('is found again, in a folder and a file that are the user’s alone', () => {
    const { folder, file } = filled()
    expect(found(opened(folder))).toEqual(['code of a', 'code of b'])
    expect(opened(folder).get('c')).toBeUndefined()
    expect([lstatSync(folder).mode & 0o777, lstatSync(file).mode & 0o777]).toEqual([0o700, 0o600])
    expect(readdirSync(folder)).toEqual(['build-1.compiled'])
  })

  it('is kept beside what was there, and replaces what has its name', () => {
    const { folder } = filled()
    opened(folder).add(
      new Map([
        ['b', Buffer.from('newer')],
        ['c', Buffer.from('')],
      ]),
    )
    expect(found(opened(folder))).toEqual(['code of a', 'newer'])
    expect(opened(folder).get('c')).toEqual(Buffer.from(''))
  })

  it('of another build is not found', () => {
    expect(found(opened(filled().folder, 'build-2'))).toEqual(nothing)
  })

  it('is not given when any bit of it was altered', () => {
    const { folder, file } = filled()
    const whole = readFileSync(file)
    for (let at = 0; at < whole.length; at += 1) {
      const altered = Buffer.from(whole)
      altered[at] = (whole[at] ?? 0) ^ (1 << (at % 8))
      writeFileSync(file, altered)
      const [a, b] = found(opened(folder))
      expect([undefined, 'code of a'], `byte ${at}`).toContain(a)
      expect([undefined, 'code of b'], `byte ${at}`).toContain(b)
      expect([a, b], `byte ${at}`).not.toEqual(['code of a', 'code of b'])
    }
  })

  it('is not given when it is cut', () => {
    const { folder, file } = filled()
    for (let length = lstatSync(file).size - 1; length >= 0; length -= 1) {
      truncateSync(file, length)
      expect(opened(folder).get('b'), `${length} bytes`).toBeUndefined()
    }
  })

  it('of a month ago is dropped, whoever’s build it was, and nothing else', () => {
    const { folder } = filled()
    const month = 31 * 24 * 60 * 60
    for (const [name, age] of [
      ['old.compiled', month],
      ['young.compiled', 1],
      ['notes.txt', month],
    ] as const) {
      writeFileSync(`${folder}/${name}`, '')
      const then = Date.now() / 1000 - age
      utimesSync(`${folder}/${name}`, then, then)
    }
    opened(folder).add(codes)
    expect(readdirSync(folder).sort()).toEqual(['build-1.compiled', 'notes.txt', 'young.compiled'])
  })
})

describe('a folder that others could write to', () => {
  it.each([0o770, 0o707, 0o750, 0o701])('(mode %o) is neither read nor written', mode => {
    const { folder, file } = filled()
    chmodSync(folder, mode)
    expect(found(opened(folder))).toEqual(nothing)
    expect(opened(folder).prepare()).toBe(false)
    expect(existsSync(file)).toBe(true)
  })

  it('since it belongs to another user is neither read nor written', () => {
    const { folder } = filled()
    expect(found(opened(folder, 'build-1', user + 1))).toEqual(nothing)
    expect(opened(folder, 'build-1', user + 1).prepare()).toBe(false)
  })

  it('since it is a link is neither read nor written', () => {
    const { place, folder } = filled()
    mkdirSync(join(place, 'other'))
    symlinkSync(folder, join(place, 'other/kmseal'))
    expect(found(opened(join(place, 'other/kmseal')))).toEqual(nothing)
    expect(opened(join(place, 'other/kmseal')).prepare()).toBe(false)
  })

  it.each([0o777, 0o775])('since the one above it has mode %o is neither read nor written', mode => {
    const { place, folder } = filled()
    chmodSync(join(place, 'cache'), mode)
    expect(found(opened(folder))).toEqual(nothing)
    expect(opened(folder).prepare()).toBe(false)
    chmodSync(join(place, 'cache'), 0o1777)
    expect(found(opened(folder)), 'sticky, as /tmp is').toEqual(['code of a', 'code of b'])
  })

  it.each([0o666, 0o620])('but has only the file of mode %o is not read', mode => {
    const { folder, file } = filled()
    chmodSync(file, mode)
    expect(found(opened(folder))).toEqual(nothing)
  })

  it('whose file is a link is not read', () => {
    const { place, folder, file } = filled()
    renameSync(file, join(place, 'elsewhere'))
    symlinkSync(join(place, 'elsewhere'), file)
    expect(found(opened(folder))).toEqual(nothing)
  })

  it('since one far above it is, is neither read nor written, nor made', () => {
    const { place, folder } = filled()
    chmodSync(place, 0o777)
    expect(found(opened(folder))).toEqual(nothing)
    expect(opened(folder).prepare()).toBe(false)
    expect(opened(join(place, '.cache/kmseal')).prepare()).toBe(false)
    expect(existsSync(join(place, '.cache'))).toBe(false)
  })

  it.runIf(user === 0)('since a home or file is another’s, as with sudo, is neither read nor made', () => {
    const { place, folder, file } = filled()
    chownSync(file, 65534, 65534)
    expect(found(opened(folder)), 'the file').toEqual(nothing)
    chownSync(file, 0, 0)
    expect(found(opened(folder))).toEqual(['code of a', 'code of b'])
    chownSync(place, 65534, 65534)
    expect(found(opened(folder)), 'the home').toEqual(nothing)
    expect(opened(join(place, '.cache/kmseal')).prepare()).toBe(false)
    expect(existsSync(join(place, '.cache'))).toBe(false)
  })

  it('stays where it was when a link on the way to it is changed', () => {
    const { place, folder } = filled()
    symlinkSync(join(place, 'cache'), join(place, 'link'))
    const cache = opened(join(place, 'link/kmseal'))
    expect(cache.prepare()).toBe(true)
    mkdirSync(join(place, 'other/kmseal'), { recursive: true })
    unlinkSync(join(place, 'link'))
    symlinkSync(join(place, 'other'), join(place, 'link'))
    cache.add(new Map([['c', Buffer.from('code of c')]]))
    expect(readdirSync(join(place, 'other/kmseal'))).toEqual([])
    expect(opened(folder).get('c')?.toString()).toBe('code of c')
  })

  it('is not made where there is no home', () => {
    const place = testFolder()
    expect(opened(join(place, 'home/.cache/kmseal')).prepare()).toBe(false)
    expect(existsSync(join(place, 'home'))).toBe(false)
    mkdirSync(join(place, 'home'))
    expect(opened(join(place, 'home/.cache/kmseal')).prepare()).toBe(true)
    expect(lstatSync(join(place, 'home/.cache')).mode & 0o777).toBe(0o700)
  })
})
