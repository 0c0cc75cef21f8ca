/** `kmseal config show`: every setting and where it came from. */

import { type Command, Option } from 'commander'
import type { Session } from '../cli/context.ts'
import { renderTable } from '../cli/table.ts'
import type { RuleTarget } from '../config/config-defaults.ts'
import { explainSettings, sourceText, valueText } from '../config/explain-settings.ts'
import type { GlobalFlags } from '../config.ts'

/** Adds `show`. */
export function registerShow(
  command: Command,
  session: Session,
  flagsOf: <Flags extends GlobalFlags>(options: Flags) => Flags,
): void {
  command
    .command('show')
    .description('show every setting, and the option, variable or file that it came from')
    .option('--file <path>', 'with the keys and context that this file would get')
    .addOption(new Option('--parameter <name>', 'with those that this parameter would get').conflicts('file'))
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', showExamples)
    .action(async (options: ShowOptions) => show(session, flagsOf(options)))
}

interface ShowOptions extends GlobalFlags, RuleTarget {}

async function show(session: Session, options: ShowOptions): Promise<void> {
  await session.readConfiguration(options)
  const { io, output, settings } = session.begin(options)
  const rows = explainSettings(session.flagsOf(options), io.env, settings, options)
  if (!output.settings.json) {
    const cells = rows.map(row => [row.name, valueText(row.value), sourceText(row)])
    await output.result({}, renderTable(['SETTING', 'VALUE', 'FROM'], cells, output.width))
    return
  }
  for (const { name, value, from, beatenBy = {} } of rows) {
    const Source = from.kind
    const SourceName = from.kind === 'file' ? from.path : from.kind === 'default' ? undefined : from.name
    const { environment: Environment, rule: Rule } = from.kind === 'file' ? from : {}
    const BeatenBy = Object.keys(beatenBy).length === 0 ? undefined : beatenBy
    const source = { Source, SourceName, Environment, Rule, BeatenBy }
    await output.result({ Name: name, Value: value ?? null, ...source }, '')
  }
}

const showExamples = `
Keys and context of a file or parameter are told with --file or --parameter, and with the rule that gives them.
What a rule says in vain is told behind the rule: KMSEAL_KEY_ID beats keys of rules, and keys and context of the
environment that was chosen beat those of rules outside of it.

Examples:
  $ kmseal config show
  $ kmseal config show --parameter /app/db/password
  $ kmseal --env prod config show --json`
