/** The completion script of a shell. */

import { bashCompletion } from './completion-bash.ts'
import { fishCompletion } from './completion-fish.ts'
import type { CommandShape, Shell } from './completion-shape.ts'
import { zshCompletion } from './completion-zsh.ts'

/** Writes the completion script for the program of this shape. */
export function completionScript(shell: Shell, root: CommandShape): string {
  switch (shell) {
    case 'bash':
      return bashCompletion(root)
    case 'zsh':
      return zshCompletion(root)
    case 'fish':
      return fishCompletion(root)
  }
}
