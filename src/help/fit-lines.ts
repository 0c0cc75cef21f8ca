/** Lines that fit a terminal: what is wider is wrapped at its words. */

/** How wide the texts of the program are made: a line as wide as that goes on in the next. */
export const textWidth = 116

// With less room than this beside other columns, or than a word needs, the last one goes below them.
const leastRoom = 24

/** The words of a text as lines of at most a width; a longer word has a line of its own. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

/**
 * Wraps text whose lines were made for {@link textWidth}, when some are wider than a terminal: sentences go on over
 * line ends, columns stay columns, and commands stay on one line, so that they can be copied.
 *
 * @param width columns of the terminal, if it is one
 */
export function fitLines(text: string, width = Number.POSITIVE_INFINITY): string {
  const lines = text.split('\n')
  if (lines.every(line => line.length <= width)) return text
  return unwrapped(lines)
    .flatMap(line => fitted(line, width))
    .join('\n')
}

function unwrapped(lines: readonly string[]): string[] {
  const whole: string[] = []
  lines.forEach((line, index) => {
    const above = lines[index - 1] ?? ''
    if (goesOn(above, line)) whole.push(`${whole.pop()} ${line.trimStart()}`)
    else whole.push(line)
  })
  return whole
}

function goesOn(above: string, line: string): boolean {
  if (isCommand(above) || isCommand(line) || line.trim() === '') return false
  // A sentence that ends with a line may be a point of a list.
  if (above.endsWith('.') || indentOf(line) !== hangOf(above)) return false
  const [word = ''] = line.trimStart().split(' ')
  return above.length + 1 + word.length > textWidth
}

function fitted(line: string, width: number): string[] {
  if (line.length <= width || isCommand(line)) return [line]
  const indent = indentOf(line)
  const hang = hangOf(line)
  const head = line.slice(0, hang)
  const text = line.slice(hang)
  const needed = Math.max(leastRoom, ...text.split(' ').map(word => word.length))
  if (hang === indent || width - hang >= needed) {
    const [first = '', ...others] = wrapWords(text, width - hang)
    return [`${head}${first}`, ...others.map(other => `${' '.repeat(hang)}${other}`)]
  }
  const below = wrapWords(text, width - indent - 4)
  return [...fitted(head.trimEnd(), width), ...below.map(other => `${' '.repeat(indent + 4)}${other}`)]
}

function isCommand(line: string): boolean {
  return /^ *\$ |\\$/.test(line)
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length
}

/** Where the last column begins. */
function hangOf(line: string): number {
  const indent = indentOf(line)
  // No pattern: one tries every run of blanks to its end.
  const gap = line.trimEnd().lastIndexOf('  ')
  return gap < indent ? indent : gap + 2
}
