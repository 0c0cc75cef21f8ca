/** `kmseal config trust`: lets a configuration file count. */

import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { confirm } from '../cli/confirm.ts'
import type { Context, Session } from '../cli/context.ts'
import { printable } from '../cli/printable.ts'
import { renderTable } from '../cli/table.ts'
import type { ConfigContent, ConfigLayer } from '../config/config-file.ts'
import { forgetTrust, rememberTrust } from '../config/config-trust.ts'
import { defaultsValue, ruleValue, type SettingValue, valueText } from '../config/explain-settings.ts'
import { configCandidates } from '../config/find-config.ts'
import { readForTrust } from '../config/load-config.ts'
import type { GlobalFlags } from '../config.ts'
import { KmsealError, usageError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly revoke?: boolean
  readonly yes?: boolean
}

/** Adds `trust`. */
export function registerTrust(
  command: Command,
  session: Session,
  flagsOf: (options: Options) => Options,
): void {
  command
    .command('trust')
    .description('show what a configuration file would set, and let it count until it changes')
    .helpOption('-h, --help', 'show help')
    .argument('[file]', 'the file; the nearest one upward without it')
    .option('--revoke', 'let it count no longer')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', trustExamples)
    .action(async (file: string | undefined, options: Options) => {
      const flags = flagsOf(options)
      const context = session.begin(flags)
      if (flags.config !== undefined) {
        throw usageError('--config says which file counts, trusted or not', 'name the file to trust as FILE')
      }
      const path = await pathOf(context, file)
      await (flags.revoke === true ? revoke(context, path) : trust(context, path, flags))
    })
}

async function trust(context: Context, path: string, { yes }: Options): Promise<void> {
  const { io, output } = context
  const { content, sha256 } = await readForTrust(path)
  if (output.showsProgress || yes !== true) io.stderr.write(contentText(path, content))
  if (yes !== true && !(await confirm(io, `Trust ${path} with just this content?`))) {
    throw new KmsealError('failed', `${printable(path)} is not trusted, since nobody agreed`)
  }
  rememberTrust(io.env, path, sha256)
  output.note(`${printable(path)} counts from now on, until it changes`)
  await output.result({ Path: path, Sha256: sha256, Trusted: true }, '')
}

async function revoke({ io, output }: Context, path: string): Promise<void> {
  if (!forgetTrust(io.env, path)) output.note(`${printable(path)} was not trusted`)
  await output.result({ Path: path, Trusted: false }, '')
}

/** The path under which the file would be found: its folder as it really is, its own name as it is. */
async function pathOf({ io }: Context, file: string | undefined): Promise<string> {
  const cwd = io.cwd ?? ''
  if (file !== undefined) {
    const path = resolve(cwd, file)
    // A file that is gone can still lose its trust.
    const folder = await realpath(dirname(path)).catch(() => dirname(path))
    return join(folder, basename(path))
  }
  const [nearest] = cwd === '' ? [] : configCandidates(cwd)
  if (nearest !== undefined) return nearest
  throw new KmsealError('not-found', 'no configuration file was found from here upward', {
    hint: 'it is called kmseal.config.json, kmseal.config.yaml or kmseal.config.yml',
  })
}

function contentText(path: string, { top, environments }: ConfigContent): string {
  const rows = [top, ...environments.values()].flatMap(layerRows)
  const table = renderTable(['ENVIRONMENT', 'SETTING', 'VALUE'], rows)
  return `${printable(path)} sets:\n${table === '' ? 'nothing\n' : table}${warnings(rows)}`
}

/** What one would not want to overlook among the rows. */
function warnings(rows: readonly (readonly string[])[]): string {
  const endpoints = rows.filter(([, name]) => name === 'endpoint-url').map(([, , value = '']) => value)
  return [...new Set(endpoints)]
    .map(
      url =>
        `Secrets would go to ${printable(url)}, with requests signed by your credentials, and not to AWS.\n`,
    )
    .join('')
}

function layerRows({ environment = '', rules, limits, keyIds, encryptionContext, ...values }: ConfigLayer) {
  const { backend, region, profile, endpointUrl } = values
  const all = {
    backend,
    region,
    profile,
    'endpoint-url': endpointUrl,
    ...defaultsValue({ ...(keyIds && { keyIds }), ...(encryptionContext && { encryptionContext }) }),
    'max-encrypted-data-keys': limits.maxEncryptedDataKeys,
    'max-frame-length': limits.maxFrameLength,
    'cache-max-age': limits.cacheMaxAge,
    'cache-max-bytes': limits.cacheMaxBytes,
    'cache-max-messages': limits.cacheMaxMessages,
    ...Object.fromEntries(rules.map((rule, index) => [`rule ${index + 1}`, ruleValue(rule)])),
  }
  return Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [[environment, name, valueText(value as SettingValue)]],
  )
}

const trustExamples = `
Examples:
  $ kmseal config trust
  $ kmseal config trust --yes shop/kmseal.config.yaml
  $ kmseal config trust --revoke`
