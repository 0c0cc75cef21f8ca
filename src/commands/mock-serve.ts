/** `kmseal mock serve`: the mock on a port, for any AWS client. */

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { type Command, Option } from 'commander'
import type { Context } from '../cli/context.ts'
import { wholeNumber } from '../cli/options.ts'
import { type GlobalFlags, requireMockDirectory, type Settings } from '../config.ts'
import { KmsealError } from '../errors.ts'

interface ServeFlags extends GlobalFlags {
  readonly port: number
  readonly host: string
  readonly state?: string
  readonly ephemeral?: boolean
  readonly seed?: string
}

/** Adds `serve`. */
export function registerServe(command: Command, begin: (options: GlobalFlags) => Context): void {
  command
    .command('serve')
    .description('serve the mock over HTTP until SIGINT or SIGTERM; prints its URL first')
    .helpOption('-h, --help', 'show help')
    .requiredOption('--port <number>', 'port; 0 takes a free one', wholeNumber('--port', 0, 65_535))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(
      new Option(
        '--state <dir>',
        'state folder (default: the one of the mock with "-served" added)',
      ).conflicts('ephemeral'),
    )
    .option('--ephemeral', 'a new state, removed at the end')
    .option('--seed <file>', 'seed file to apply first')
    .addHelpText('after', serveExamples)
    .action(async (options: ServeFlags) => serve(begin(options), options))
}

/** The state folder of the served mock when none is named: beside that of `--backend mock`, not the same. */
export function servedDirectory(settings: Settings): string {
  return `${requireMockDirectory(settings).replace(/\/+$/, '')}-served`
}

async function serve(context: Context, options: ServeFlags): Promise<void> {
  // Listened for from the start, so that a signal never leaves an ephemeral state behind.
  const stopped = new Promise<void>(fulfil => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => fulfil())
  })
  const directory =
    options.ephemeral === true
      ? join(await mkdtemp(join(tmpdir(), 'kmseal-mock-')), 'state')
      : (options.state ?? servedDirectory(context.settings))
  try {
    await run(context, options, directory, stopped)
  } finally {
    if (options.ephemeral === true) {
      await context.clients.close()
      await rm(join(directory, '..'), { recursive: true, force: true })
    }
  }
}

async function run(
  { clients, output, settings }: Context,
  { port, host, seed }: ServeFlags,
  directory: string,
  stopped: Promise<void>,
): Promise<void> {
  if (seed !== undefined) {
    const emulator = await clients.emulator(directory)
    await emulator.seed(await readSeed(seed), settings.region ?? 'us-east-1')
  }
  const server = await clients.serveMock({
    directory,
    port,
    host,
    onFailure: error => {
      output.error(
        error instanceof KmsealError
          ? error
          : new KmsealError('failed', 'a request failed', { cause: error }),
      )
      output.stack(error)
    },
  })
  try {
    await output.result({ Url: server.url, Directory: directory }, `${server.url}\n`)
    await stopped
  } finally {
    await server.close()
  }
}

/**
 * Reads the text of a seed file.
 *
 * @throws KmsealError not-found or failed
 */
export async function readSeed(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new KmsealError(absent ? 'not-found' : 'failed', `the seed file ${file} cannot be read`, {
      cause: error,
    })
  }
}

const serveExamples = `
Examples:
  $ kmseal mock serve --port 4566
  $ kmseal mock serve --port 4566 --ephemeral --seed seed.yaml`
