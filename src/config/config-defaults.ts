/** The keys and the encryption context that a configuration gives to what is encrypted. */

import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { ConfigDefaults, ConfigInUse, ConfigRule } from './config-file.ts'
import { matchesPath } from './path-glob.ts'

/** What is encrypted: a file by its absolute path, or a parameter by its name; nothing for what has neither. */
export interface RuleTarget {
  readonly file?: string | undefined
  readonly parameter?: string | undefined
}

/** A default, and the layer and rule that it is of. */
export interface FoundDefault<Value> {
  readonly value: Value
  readonly environment: string | undefined
  /** The number of the rule in its layer, from 1; absent when the layer itself says it. */
  readonly rule?: number
}

/**
 * The keys or the context for what is encrypted. In each layer the first rule that matches counts before the layer
 * itself, and whatever the environment says before the top level.
 */
export function defaultFor<Name extends keyof ConfigDefaults>(
  config: ConfigInUse,
  member: Name,
  target: RuleTarget,
): FoundDefault<NonNullable<ConfigDefaults[Name]>> | undefined {
  for (const layer of config.layers) {
    const { environment, rules } = layer
    const index = rules.findIndex(candidate => matchesRule(candidate, target, config.folder))
    const rule = rules[index]
    const value: ConfigDefaults[Name] = rule?.[member] ?? layer[member]
    const origin = rule?.[member] === undefined ? { environment } : { environment, rule: index + 1 }
    if (value !== undefined) return { value, ...origin }
  }
  return undefined
}

/** An absolute path as rules see it: relative to a folder, or nothing when it is not below. */
function pathBelow(folder: string, file: string): string | undefined {
  const path = relative(folder, resolve(folder, file))
  const outside = path === '' || path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)
  return outside ? undefined : path.split(sep).join('/')
}

function matchesRule({ files, parameters }: ConfigRule, target: RuleTarget, folder: string): boolean {
  const { file, parameter } = target
  const path = file === undefined ? undefined : pathBelow(folder, file)
  return (
    (path !== undefined && files.some(glob => matchesPath(glob, path))) ||
    (parameter !== undefined && parameters.some(glob => matchesPath(glob, parameter)))
  )
}
