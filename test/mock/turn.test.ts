import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstatSync, readlinkSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { inTurn, inTurnSync } from '../../src/mock/turn.ts'
import { testFolder } from '../helpers/folder.ts'

const long = 600_000

const turn = (staleMs: number) => ({ path: join(testFolder(), 'turn'), staleMs })

// macOS has no /proc: there a file is left behind when it is old, and by nothing else.
const world = () => (process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid') : '')

describe('a turn', () => {
  it('is given to one after the other, and back after a failure', async () => {
    const seen: string[] = []
    const work = (name: string) => async () => {
      seen.push(`${name} begins`)
      await setTimeout(20)
      seen.push(`${name} ends`)
    }
    const one = turn(long)
    await Promise.all([inTurn(one, work('a')), inTurn(one, work('b'))])
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
    const failing = inTurn(one, () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(inTurnSync(one, () => 'again')).toBe('again')
  })

  it.runIf(process.platform === 'linux')('is taken at once from a process that is gone', async () => {
    const child = spawn('true')
    await once(child, 'exit')
    const left = turn(long)
    symlinkSync(`${child.pid}@${world()}`, left.path)
    expect(inTurnSync(left, () => 'ours')).toBe('ours')
  })

  it.each([
    ['a process that runs', () => `${process.ppid}@${world()}`],
    ['a process of another container', () => '4194304@pid:[1]'],
    ['nobody that is known', () => 'turn'],
  ])('is left to %s until it is stale', async (_, holder) => {
    const held = turn(150)
    symlinkSync(holder(), held.path)
    const made = lstatSync(held.path).mtimeMs
    await inTurn(held, () => undefined)
    expect(Date.now() - made).toBeGreaterThanOrEqual(150)
  })
})
