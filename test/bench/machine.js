/** What a run was made on: the machine, and the versions of the programs beside which kmseal stands. */

import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'

/** @returns {{ cpu: string, cores: number, memoryGiB: number, kernel: string, node: string }} */
export function machine() {
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    node: process.version,
  }
}

const output = (program, ...args) => {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

// Debian's is version 2, whatever else comes first on PATH.
const awsCliOf = command => ({ command, version: output(command, '--version')?.split(' ')[0] })

const finders = {
  age: () => ({ command: 'age', version: output('age', '--version') }),
  openssl: () => ({ command: 'openssl', version: output('openssl', 'version')?.split(' (')[0] }),
  aws: () => {
    const found = ['aws', '/usr/bin/aws'].map(awsCliOf).filter(({ version }) => version !== undefined)
    return found.find(({ version }) => version.startsWith('aws-cli/2.')) ?? found[0]
  },
  moto_server: () => {
    if (output('moto_server', '--help') === undefined) return undefined
    const program = 'from importlib.metadata import version; print(version("moto"))'
    return { command: 'moto_server', version: output('python3', '-c', program) ?? 'of unknown version' }
  },
}

/**
 * Looks for peers.
 *
 * @param {Iterable<string>} names of `age`, `openssl`, `aws`, `moto_server`
 * @returns {Record<string, { command: string, version: string }>} those that are there
 */
export function findPrograms(names) {
  const found = [...new Set(names)].map(name => [name, finders[name]()])
  return Object.fromEntries(found.filter(([, program]) => program?.version !== undefined))
}
