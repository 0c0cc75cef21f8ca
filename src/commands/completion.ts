/** `kmseal completion`: the completion script of a shell. */

import type { Command } from 'commander'
import { completionScript } from '../cli/completion-script.ts'
import { commandShape, type Shell, shells } from '../cli/completion-shape.ts'
import type { Session } from '../cli/context.ts'
import { oneOf } from '../cli/options.ts'
import type { GlobalFlags } from '../config.ts'

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<shell>', shells.join(', '), oneOf('completion', shells))
    .addHelpText('after', examples)
    .action(async (shell: Shell, options: GlobalFlags) => {
      const { output } = session.begin(options)
      // The whole program is loaded when this command is named, so that the script cannot be out of date.
      const root = command.parent ?? command
      const script = completionScript(shell, commandShape(root))
      await output.result({ Shell: shell, Script: script }, script)
    })
}

const examples = `
bash: put  source <(kmseal completion bash)  into ~/.bashrc.
zsh: write it to a folder of $fpath, which ~/.zshrc names before compinit:  fpath=(~/.zfunc $fpath); autoload -Uz
compinit; compinit
fish: a file in its folder of completions is found by itself.

Examples:
  $ source <(kmseal completion bash)
  $ mkdir -p ~/.zfunc && kmseal completion zsh > ~/.zfunc/_kmseal
  $ mkdir -p ~/.config/fish/completions && kmseal completion fish > ~/.config/fish/completions/kmseal.fish`
