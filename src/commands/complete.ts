/**
 * Names of keys and parameters for the completion scripts, which call `kmseal __complete KIND TYPED WORD…`. It is no
 * command for people: it never prints anything else, never asks, never fails, and never takes long.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Io } from '../cli/io.ts'
import { type Clients, createClients } from '../clients.ts'
import { type GlobalFlags, resolveSettings, type Settings } from '../config.ts'
import { keyNames } from '../core/key-names.ts'
import { parameterNames, parameterPaths } from '../parameters/complete-names.ts'

/** How long it may take from the start of the process, in milliseconds, unless KMSEAL_COMPLETION_MS says otherwise. */
const usualLimitMs = 300

/** What no shell and no terminal could take for something else. Other names are left out. */
const harmless = /^[A-Za-z0-9_./:-]+$/

/**
 * Prints the names that continue what is typed, one a line, or nothing: without credentials, and when the answer would
 * take too long. The working folder has no say in it: no configuration file is read.
 *
 * @param argv the kind of name (`key`, `parameter`, `path`), what is typed of it, and the words before it
 */
export async function complete(
  [kind = '', typed = '', ...words]: readonly string[],
  io: Pick<Io, 'env' | 'stdout'>,
): Promise<void> {
  const limit = Number(io.env['KMSEAL_COMPLETION_MS'] ?? '') || usualLimitMs
  // What hangs in the network then would keep the process from ending.
  const timer = setTimeout(() => process.exit(0), Math.max(0, limit - performance.now()))
  const names = await namesOf(kind, typed, words, io.env).catch(() => [])
  const fitting = [...new Set(names)].filter(name => name.startsWith(typed) && harmless.test(name))
  if (fitting.length > 0) io.stdout.write(`${fitting.sort().join('\n')}\n`)
  clearTimeout(timer)
}

async function namesOf(
  kind: string,
  typed: string,
  words: readonly string[],
  env: Io['env'],
): Promise<readonly string[]> {
  const settings = resolveSettings(globalFlagsOf(words), env)
  if (!mayBeAsked(settings, env)) return []
  const clients = createClients(settings, env)
  try {
    return await ask(clients, kind, typed)
  } finally {
    await clients.close()
  }
}

async function ask(clients: Clients, kind: string, typed: string): Promise<readonly string[]> {
  switch (kind) {
    case 'key':
      return keyNames(await clients.kms(), typed)
    case 'parameter':
      return parameterNames(await clients.ssm(), typed)
    case 'path':
      return parameterPaths(await clients.ssm(), typed)
    default:
      return []
  }
}

const valued: Readonly<Record<string, keyof GlobalFlags>> = {
  '--backend': 'backend',
  '--region': 'region',
  '--profile': 'profile',
  '--endpoint-url': 'endpointUrl',
}

/** The global options among the words that are on the line so far. */
function globalFlagsOf(words: readonly string[]): GlobalFlags {
  const flags: Record<string, string | boolean> = {}
  for (const [index, word] of words.entries()) {
    const [name = '', inline] = word.split(/=(.*)/s)
    const member = valued[name]
    const value = inline ?? words[index + 1]
    if (member !== undefined && value !== undefined) flags[member] = value
    if (word === '--allow-http') flags['allowHttp'] = true
  }
  return flags
}

/**
 * Whether asking has no effects: it makes no state folder for the mock, and starts no program for credentials, which
 * might ask a person. Instance metadata is never asked.
 */
function mayBeAsked({ backend, mockDirectory, profile }: Settings, env: Io['env']): boolean {
  if (backend === 'mock') return mockDirectory !== undefined && existsSync(mockDirectory)
  process.env['AWS_EC2_METADATA_DISABLED'] = 'true'
  if (profile === undefined && env['AWS_ACCESS_KEY_ID'] && env['AWS_SECRET_ACCESS_KEY']) return true
  const home = env['HOME'] ?? ''
  const files = [
    env['AWS_CONFIG_FILE'] || join(home, '.aws', 'config'),
    env['AWS_SHARED_CREDENTIALS_FILE'] || join(home, '.aws', 'credentials'),
  ]
  return !files.some(
    file => existsSync(file) && /^\s*credential_process\s*=/m.test(readFileSync(file, 'utf8')),
  )
}
