/** The composition root, and the one place that turns an error into text and an exit status. */

import { CommanderError } from 'commander'
import { ClosedPipeError } from './cli/closed-pipe.ts'
import { Session } from './cli/context.ts'
import { beginEnding, passToForeground } from './cli/foreground.ts'
import { type Io, nodeIo, openedLate, widthOf } from './cli/io.ts'
import { toldPartWay } from './cli/part-way.ts'
import { removePrivateFolders } from './cli/private-folders.ts'
import { InterruptedError } from './cli/prompt.ts'
import { dieOf } from './cli/signals.ts'
import { writeTo } from './cli/stdout-sink.ts'
import { endTemporaryFiles } from './cli/temporary-files.ts'
import { commandLineError } from './command-line-error.ts'
import { exitStatusOf, KmsealError } from './errors.ts'
import { buildProgram, failureStatusOf, neededCommands, splitChildCommand } from './program.ts'
import { version } from './version.ts'

/**
 * Runs the program.
 *
 * @param argv the words after the program's name
 * @returns the exit status of the table in README.md
 */
export async function main(argv: readonly string[], given: Io = nodeIo(process)): Promise<number> {
  const io = openedLate(given)
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    return statusOf(() => writeTo(io.stdout, `${version}\n`), argv, new Session(io))
  }
  // The SDK's notice about old Node versions would end up in every user's standard error.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  if (argv[0] === '__complete') {
    const { complete } = await import('./commands/complete.ts')
    await complete(argv.slice(1), io)
    return 0
  }
  const session = new Session(io)
  if (argv[0] === '__man') {
    return statusOf(async () => writeTo(io.stdout, await page(session)), argv, session)
  }
  const { own, child } = splitChildCommand(argv)
  session.childCommand = child
  const stopListening = cleanUpOnSignals(error => report(error, own, session))
  const status = await statusOf(() => run(own, io, session), own, session)
  await session.close().catch(() => undefined)
  io.close()
  stopListening()
  return session.signal === undefined ? status : dieOf(session.signal)
}

/** The manual page, which scripts/man-page.js puts into the package. */
async function page(session: Session): Promise<string> {
  const [{ manPage }, { exitStatuses }, { variables }] = await Promise.all([
    import('./cli/man-page.ts'),
    import('./help/exit-codes.ts'),
    import('./help/environment.ts'),
  ])
  return manPage(await buildProgram(() => undefined, session, ['completion']), {
    version,
    exitStatuses: exitStatuses.map(({ status, meaning }) => [status, meaning.replaceAll('`', '')]),
    variables,
  })
}

async function statusOf(
  work: () => Promise<void>,
  argv: readonly string[],
  session: Session,
): Promise<number> {
  try {
    await work()
    return session.status
  } catch (error) {
    return report(error, argv, session)
  }
}

async function run(argv: readonly string[], io: Io, session: Session): Promise<void> {
  // Commander does not wait for a stream, so that it could not tell of one that fails.
  let shown = ''
  const show = (text: string): void => {
    shown += text
  }
  const program = await buildProgram(show, session, neededCommands(argv))
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const ours = commandLineError(error, argv, program)
    if (ours !== undefined) throw ours
  }
  if (shown !== '') await writeTo(io.stdout, await fitted(shown, widthOf(io.stdout)))
}

async function fitted(text: string, width: number | undefined): Promise<string> {
  if (width === undefined) return text
  const { fitLines } = await import('./help/fit-lines.ts')
  return fitLines(text, width)
}

function report(error: unknown, argv: readonly string[], session: Session): number {
  if (error instanceof ClosedPipeError) return 141
  if (error instanceof InterruptedError) return 130
  const output = session.output({ json: argv.includes('--json'), debug: argv.includes('--debug') })
  const known =
    error instanceof KmsealError
      ? error
      : new KmsealError('failed', `internal error (${error instanceof Error ? error.name : 'unknown'})`, {
          hint: 'this is a fault of kmseal: please report it with the output of --debug',
          cause: error,
        })
  output.error(known)
  output.stack(known)
  return known.exitStatus ?? failureStatusOf(argv) ?? exitStatusOf[known.code]
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/**
 * Leaves no temporary file behind when a signal or a stray error ends the process. It still dies of that
 * signal; a stray error is reported like any other, since Node would print its text.
 */
function cleanUpOnSignals(reportError: (error: unknown) => number): () => void {
  const handlers = signals.map(signal => {
    const end = (): void => {
      // A second signal ends the process at once.
      process.removeListener(signal, handler)
      beginEnding()
      for (const error of toldPartWay()) reportError(error)
      removePrivateFolders()
      void endTemporaryFiles().then(() => {
        // Of most signals it has died by then.
        const status = dieOf(signal)
        if (signal === 'SIGQUIT') process.exit(status)
      })
    }
    const handler = (): void => {
      if (!passToForeground(signal, end)) end()
    }
    process.on(signal, handler)
    return { signal, handler }
  })
  const onStrayError = (error: unknown): void => {
    removePrivateFolders()
    const status = reportError(error)
    void endTemporaryFiles().then(() => process.exit(status))
  }
  process.on('uncaughtException', onStrayError)
  return () => {
    for (const { signal, handler } of handlers) process.removeListener(signal, handler)
    process.removeListener('uncaughtException', onStrayError)
  }
}
