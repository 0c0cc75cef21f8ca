/** Files as the rules of a configuration file see them. */

import { resolve } from 'node:path'
import type { RuleTarget } from '../config/config-defaults.ts'
import type { Io } from './io.ts'

/** What a file is to rules: its path, links in it not followed; standard input has none. */
export function fileTarget(io: Io, file: string | undefined): RuleTarget {
  return file === undefined || file === '-' ? {} : { file: resolve(io.cwd ?? '', file) }
}
