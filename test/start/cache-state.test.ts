import { chmodSync, chownSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { geteuid } from 'node:process'
import { describe, expect, it } from 'vitest'
import { codeCacheState } from '../../src/start/cache-state.ts'
import { testFolder } from '../helpers/folder.ts'

const user = geteuid?.() ?? 0

describe('the state of compiled code', () => {
  it('is well in a folder of one’s own, which is made', () => {
    const home = testFolder()
    const state = { isFaulty: false, text: `in ${home}/.cache/kmseal` }
    expect(codeCacheState({ HOME: home }, user)).toEqual(state)
    expect(codeCacheState({ HOME: home }, user)).toEqual(state)
  })

  it('is off on request, and where no user can be told from another', () => {
    const off = codeCacheState({ HOME: testFolder(), NODE_DISABLE_COMPILE_CACHE: '1' }, user)
    expect(off).toEqual({ isFaulty: false, text: 'off by NODE_DISABLE_COMPILE_CACHE' })
    expect(codeCacheState({ HOME: testFolder() }, undefined).isFaulty).toBe(false)
  })

  it('is at fault without a place', () => {
    expect(codeCacheState({}, user)).toMatchObject({ isFaulty: true, text: 'off: there is no place for it' })
    expect(codeCacheState({ HOME: '/nonexistent' }, user)).toMatchObject({
      isFaulty: true,
      text: 'off: /nonexistent/.cache/kmseal cannot be made',
      hint: expect.stringContaining('XDG_CACHE_HOME'),
    })
  })

  it('names the folder that is open to others, and what to do', () => {
    const cache = testFolder()
    const state = () => codeCacheState({ XDG_CACHE_HOME: cache }, user)
    mkdirSync(join(cache, 'kmseal'))
    chmodSync(join(cache, 'kmseal'), 0o750)
    expect(state()).toMatchObject({
      isFaulty: true,
      text: `off: ${cache}/kmseal is open to other users`,
      hint: expect.stringContaining('chmod 700'),
    })
    chmodSync(join(cache, 'kmseal'), 0o700)
    expect(state().isFaulty).toBe(false)
    chmodSync(cache, 0o775)
    expect(state()).toMatchObject({
      isFaulty: true,
      text: `off: ${cache} can be written by other users`,
      hint: expect.stringContaining('chmod go-w'),
    })
  })

  it('names what is no folder', () => {
    const cache = testFolder()
    symlinkSync(testFolder(), join(cache, 'kmseal'))
    expect(codeCacheState({ XDG_CACHE_HOME: cache }, user).text).toBe(`off: ${cache}/kmseal is no folder`)
  })

  it.runIf(user === 0)('names the folder of another', () => {
    const home = testFolder()
    chownSync(home, 65534, 65534)
    const state = codeCacheState({ HOME: home }, user)
    expect([state.isFaulty, state.text]).toEqual([true, `off: ${home} belongs to another user`])
  })
})
