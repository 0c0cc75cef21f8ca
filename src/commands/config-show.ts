/** `kmseal config show`: every setting and where it came from. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { renderTable } from '../cli/table.ts'
import { explainSettings, valueText } from '../config/explain-settings.ts'
import { originText } from '../config/origin.ts'
import type { GlobalFlags } from '../config.ts'

/** Adds `show`. */
export function registerShow(
  command: Command,
  session: Session,
  flagsOf: (options: GlobalFlags) => GlobalFlags,
): void {
  command
    .command('show')
    .description('show every setting, and the option, variable or file that it came from')
    .helpOption('-h, --help', 'show help')
    .action(async (options: GlobalFlags) => show(session, flagsOf(options)))
}

async function show(session: Session, options: GlobalFlags): Promise<void> {
  await session.readConfiguration(options)
  const { io, output, settings } = session.begin(options)
  const rows = explainSettings(session.flagsOf(options), io.env, settings)
  if (!output.settings.json) {
    const cells = rows.map(({ name, value, from }) => [name, valueText(value), originText(from)])
    await output.result({}, renderTable(['SETTING', 'VALUE', 'FROM'], cells))
    return
  }
  for (const { name, value, from } of rows) {
    const Source = from.kind
    const SourceName = from.kind === 'file' ? from.path : from.kind === 'default' ? undefined : from.name
    const Environment = from.kind === 'file' ? from.environment : undefined
    await output.result({ Name: name, Value: value ?? null, Source, SourceName, Environment }, '')
  }
}
