/** How GitHub's runner on Linux reads the file of GITHUB_ENV. */

/**
 * Its rules: a line with `<<` before any `=` begins a value that ends before the line that is the delimiter; another
 * line is `NAME=value`; blank lines count for nothing.
 *
 * @see https://github.com/actions/runner/blob/main/src/Runner.Worker/FileCommandManager.cs
 */
export function readRunnerFile(text: string): Record<string, string> {
  const variables: Record<string, string> = {}
  const lines = text.split('\n')
  while (lines.length > 0) {
    const line = lines.shift() ?? ''
    if (line === '') continue
    const equals = line.indexOf('=')
    const heredoc = line.indexOf('<<')
    if (heredoc > 0 && (equals === -1 || heredoc < equals)) {
      const end = lines.indexOf(line.slice(heredoc + 2))
      if (end === -1 || heredoc + 2 === line.length) throw new Error('no delimiter')
      variables[line.slice(0, heredoc)] = lines
        .splice(0, end + 1)
        .slice(0, -1)
        .join('\n')
    } else if (equals > 0) variables[line.slice(0, equals)] = line.slice(equals + 1)
    else throw new Error('neither a value nor a delimiter')
  }
  return variables
}
