/** Members that a JSON object names twice: of those, parsers keep the last and drop the others in silence. */

/**
 * The name of a member that an object names twice, or undefined. A policy whose second `Condition` hides its
 * first is not what its reader thinks it is.
 *
 * @param json text that `JSON.parse` takes
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-4
 */
export function repeatedMember(json: string): string | undefined {
  const open: Set<string>[] = []
  for (const [token, text, colon] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*(:)?|[{}]/g)) {
    if (token === '{') open.push(new Set())
    else if (token === '}') open.pop()
    else if (text !== undefined && colon !== undefined) {
      const name: string = JSON.parse(text)
      const members = open.at(-1)
      if (members?.has(name) === true) return name
      members?.add(name)
    }
  }
  return undefined
}
