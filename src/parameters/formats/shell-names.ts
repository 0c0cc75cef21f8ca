/** Names that shells keep for themselves. */

import { KmsealError } from '../../errors.ts'
import type { ExportedVariable } from './exported.ts'

/**
 * Variables that sh, bash or zsh do not hold as given: read-only ones, arrays, and numbers. A number is worked out, and
 * commands in it are run.
 */
const kept = new Set(
  `BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_ARGV0 BASH_CMDS BASH_LINENO BASH_REMATCH BASH_SOURCE
  BASH_SUBSHELL BASH_VERSINFO COMP_WORDBREAKS DIRSTACK EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HISTCMD LINENO
  MAILCHECK OPTIND PIPESTATUS PPID RANDOM SECONDS SHELLOPTS SHLVL SRANDOM UID _
  ARGC COLUMNS EGID ERRNO FUNCNEST GID HISTCHARS HISTSIZE KEYBOARD_HACK KEYTIMEOUT LINES LISTMAX SAVEHIST
  TRY_BLOCK_ERROR TRY_BLOCK_INTERRUPT TTYIDLE USERNAME ZSH_EVAL_CONTEXT ZSH_SUBSHELL
  aliases argv builtins cdpath commands dirstack dis_aliases dis_builtins dis_functions dis_functions_source
  dis_galiases dis_patchars dis_reswords dis_saliases fignore fpath funcfiletrace funcsourcetrace funcstack functions
  functions_source functrace galiases histchars history historywords jobdirs jobstates jobtexts keymaps mailpath
  manpath module_path modules nameddirs options parameters patchars path pipestatus psvar reswords saliases status
  termcap terminfo userdirs usergroups watch widgets zsh_eval_context zsh_scheduled_events`.split(/\s+/),
)

/** Whether sh, bash or zsh keeps a variable for itself. */
export function isShellName(name: string): boolean {
  return kept.has(name)
}

/**
 * Refuses variables that a shell keeps for itself.
 *
 * @param isKept which ones those are; by default those of sh, bash and zsh
 * @throws KmsealError `failed`, naming all of them and their parameters
 * @see https://www.gnu.org/software/bash/manual/html_node/Bash-Variables.html
 * @see https://zsh.sourceforge.io/Doc/Release/Parameters.html
 */
export function refuseShellNames(
  variables: readonly ExportedVariable[],
  isKept: (name: string) => boolean = isShellName,
): void {
  const refused = variables.filter(({ name }) => isKept(name))
  if (refused.length === 0) return
  throw new KmsealError('failed', 'shells keep some of the variables for themselves', {
    details: refused.map(({ parameter, name }) => `parameter ${parameter} gives ${name}`),
    hint: 'put something in front with --prefix, such as --prefix APP_, or use --format json',
  })
}
