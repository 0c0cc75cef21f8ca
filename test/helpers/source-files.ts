/** The program's source files, and their text without comments and strings, for rules about the code. */

import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'

const root = new URL('../../', import.meta.url).pathname

/** One import of a file. */
export interface Import {
  /** A path from the root of the checkout such as `src/errors.ts`, or the name of a package. */
  readonly target: string
  readonly kind: 'value' | 'type' | 'dynamic'
}

/** One source file. */
export interface SourceFile {
  /** From the root of the checkout, such as `src/core/seal.ts`. */
  readonly path: string
  readonly text: string
  /** The text with comments gone and the contents of strings and regular expressions emptied. */
  readonly tokens: string
  readonly imports: readonly Import[]
}

/** Reads every TypeScript and JavaScript file below a folder of the checkout. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.(ts|c?js)$/.test(name))
    .map(name => join(folder, name))
    .sort()
    .map(path => {
      const text = readFileSync(join(root, path), 'utf8')
      return { path, text, tokens: withoutCommentsAndStrings(text), imports: importsOf(path, text) }
    })
}

function importsOf(path: string, text: string): Import[] {
  // Comments may hold examples of imports; strings are needed here.
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const found: Import[] = []
  for (const [, type, names, target = ''] of code.matchAll(
    /^(?:import|export)\s+(type\s+)?(?:([\w*{][^'"]*?)\s+from\s+)?['"]([^'"]+)['"]/gm,
  )) {
    const typesOnly = type !== undefined || (names !== undefined && onlyTypes(names))
    found.push({ target: resolve(path, target), kind: typesOnly ? 'type' : 'value' })
  }
  for (const [, target = ''] of code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) {
    found.push({ target: resolve(path, target), kind: 'dynamic' })
  }
  return found
}

/** `{ type A, type B }`. */
function onlyTypes(names: string): boolean {
  const inner = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1]
  if (inner === undefined) return false
  const parts = inner
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
  return parts.length > 0 && parts.every(part => part.startsWith('type '))
}

function resolve(path: string, target: string): string {
  return target.startsWith('.') ? normalize(join(path, '..', target)) : target
}

/** A small scanner: enough of the grammar for the code that the formatter writes. */
export function withoutCommentsAndStrings(text: string): string {
  let kept = ''
  for (let index = 0; index < text.length; ) {
    const rest = text.slice(index, index + 2)
    const character = text[index] ?? ''
    if (rest === '//') index = endOf(text, '\n', index) - 1
    else if (rest === '/*') index = endOf(text, '*/', index + 2)
    else if (character === "'" || character === '"') {
      index = endOfQuoted(text, index, character)
      kept += `${character}${character}`
    } else if (character === '`') {
      const [end, inner] = template(text, index)
      kept += `\`${inner}\``
      index = end
    } else if (character === '/' && /(^|[(,=:[!&|?{};\n]|=>|\breturn|\btypeof)\s*$/.test(kept)) {
      index = endOfRegExp(text, index)
      kept += '/./'
    } else {
      kept += character
      index++
    }
  }
  return kept
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from)
  return found === -1 ? text.length + 1 : found + mark.length
}

function endOfQuoted(text: string, start: number, quote: string): number {
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === quote) return index + 1
  }
  return text.length
}

function endOfRegExp(text: string, start: number): number {
  let inClass = false
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index]
    if (character === '\\') index++
    else if (character === '[') inClass = true
    else if (character === ']') inClass = false
    else if (character === '/' && !inClass) return index + 1
    else if (character === '\n') return start + 1
  }
  return text.length
}

/** The end of a template, and the code inside its `${}`. */
function template(text: string, start: number): [end: number, code: string] {
  let code = ''
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === '`') return [index + 1, code]
    else if (text[index] === '$' && text[index + 1] === '{') {
      const end = endOfSubstitution(text, index + 2)
      code += ` ${withoutCommentsAndStrings(text.slice(index + 2, end))} `
      index = end
    }
  }
  return [text.length, code]
}

function endOfSubstitution(text: string, start: number): number {
  let depth = 0
  for (let index = start; index < text.length; index++) {
    const character = text[index] ?? ''
    if (character === "'" || character === '"') index = endOfQuoted(text, index, character) - 1
    else if (character === '`') index = template(text, index)[0] - 1
    else if (character === '{') depth++
    else if (character === '}' && depth-- === 0) return index
  }
  return text.length
}
