/** The rules of the code that a machine can check: who imports whom, what each file has and has not. */

import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { describe, expect, it } from 'vitest'
import { version } from '../src/version.ts'
import {
  type Import,
  type SourceFile,
  sourceFiles,
  withoutCommentsAndStrings,
} from './helpers/source-files.ts'

const src = sourceFiles('src')
const tests = sourceFiles('test')
const bin = sourceFiles('bin')

/** What the files of a part may import; a function judges each import of a path that begins so. */
interface Rule {
  readonly part: RegExp
  readonly allowed: readonly (RegExp | ((found: Import) => boolean))[]
}

const node = (found: Import): boolean => found.target.startsWith('node:')
const types = (target: RegExp) => (found: Import) => found.kind === 'type' && target.test(found.target)
const dynamic = (target: RegExp) => (found: Import) => found.kind === 'dynamic' && target.test(found.target)
// What everything may use: the error class, the two interfaces that bytes pass through, and how times are written.
const errors = /^src\/(errors|byte-stream|iso-time)\.ts$/
const sdk = /^@(aws-sdk|aws-crypto|smithy)\//

const rules: readonly Rule[] = [
  { part: /^src\/errors\.ts$/, allowed: [] },
  { part: /^src\/byte-stream\.ts$/, allowed: [errors] },
  { part: /^src\/(version|iso-time)\.ts$/, allowed: [] },
  {
    part: /^src\/main\.ts$/,
    allowed: [
      /^src\/cli\//,
      errors,
      /^src\/(program|command-line-error|version|config)\.ts$/,
      dynamic(/^src\/(commands\/complete|help\/(exit-codes|environment|fit-lines))\.ts$/),
      /^commander$/,
      node,
    ],
  },
  {
    part: /^src\/program\.ts$/,
    allowed: [
      /^src\/cli\//,
      /^src\/(command-entries|version)\.ts$/,
      /^src\/help\/topics\.ts$/,
      /^commander$/,
    ],
  },
  {
    part: /^src\/command-entries\.ts$/,
    allowed: [dynamic(/^src\/commands\//), types(/^src\/cli\/context\.ts$/), types(/^commander$/)],
  },
  {
    part: /^src\/command-line-error\.ts$/,
    allowed: [
      errors,
      /^src\/(program|command-entries)\.ts$/,
      /^src\/cli\/similar\.ts$/,
      types(/^commander$/),
    ],
  },
  // Runs before the program, and knows nothing of it.
  { part: /^src\/start\//, allowed: [/^src\/start\//, node] },
  // What reads structured text of unknown origin; nothing of it knows what the text is about.
  { part: /^src\/documents\//, allowed: [/^src\/documents\//, errors, /^(yaml|jsonc-parser)$/] },
  { part: /^src\/config\.ts$/, allowed: [errors, /^src\/config\//, node] },
  {
    part: /^src\/config\//,
    allowed: [
      /^src\/(config|documents)\//,
      types(/^src\/config\.ts$/),
      // Patterns that no text can slow down.
      /^src\/policy\/wildcard\.ts$/,
      /^src\/cli\/printable\.ts$/,
      errors,
      /^(yaml|jsonc-parser)$/,
      node,
    ],
  },
  { part: /^src\/aws-endpoint\.ts$/, allowed: [errors, /^src\/(config|aws-transport)\.ts$/, sdk] },
  {
    part: /^src\/(aws-transport|proxy-agent)\.ts$/,
    allowed: [errors, /^src\/(config|aws-transport|proxy-agent)\.ts$/, sdk, /proxy/, node],
  },
  {
    part: /^src\/clients\.ts$/,
    allowed: [
      /^src\/mock\//,
      errors,
      /^src\/(config|aws-endpoint|(kms|ssm|sts|cloudtrail)-client)\.ts$/,
      sdk,
      node,
    ],
  },
  { part: /^src\/(kms|ssm|sts|cloudtrail)-client\.ts$/, allowed: [sdk] },
  {
    part: /^src\/commands\//,
    allowed: [
      /^src\/(core|parameters|policy|cli|help)\//,
      // The subcommands of `mock`, `key-policy` and `config`.
      /^src\/commands\/(mock|key-policy|config)-/,
      errors,
      /^src\/config(\.ts$|\/)/,
      // Of `doctor`, which tells what keeps compiled code from being kept: the start knows, and has nobody to tell.
      /^src\/start\/cache-state\.ts$/,
      // Of `complete`, which is outside of any session.
      /^src\/clients\.ts$/,
      types(sdk),
      /^commander$/,
      node,
    ],
  },
  {
    part: /^src\/cli\/context\.ts$/,
    allowed: [
      /^src\/cli\//,
      errors,
      /^src\/(config|clients)\.ts$/,
      /^src\/config\//,
      types(/^src\/core\//),
      // The one table of prices, which has no code of core beside it.
      /^src\/core\/prices\.ts$/,
      node,
    ],
  },
  {
    part: /^src\/cli\//,
    allowed: [
      /^src\/cli\//,
      errors,
      /^src\/config(\.ts$|\/)/,
      types(/^src\/core\//),
      types(/^commander$/),
      /^(chalk|ora|cli-table3|diff|picomatch|@inquirer\/\w+)$/,
      node,
    ],
  },
  { part: /^src\/help\//, allowed: [/^src\/help\//, errors] },
  { part: /^src\/core\//, allowed: [/^src\/core\//, errors, sdk, node] },
  {
    part: /^src\/parameters\//,
    allowed: [/^src\/(parameters|core|documents)\//, errors, sdk, /^(yaml|jsonc-parser)$/, node],
  },
  { part: /^src\/policy\//, allowed: [/^src\/policy\//, errors, /^jsonc-parser$/] },
  {
    part: /^src\/mock\//,
    allowed: [/^src\/(mock|policy)\//, errors, /^(lmdb|yaml)$/, types(/^@smithy\/types$/), /^@noble\//, node],
  },
]

const where = (file: SourceFile, what: string): string => `${file.path}: ${what}`

describe('imports', () => {
  it('go in the allowed directions only', () => {
    const wrong = src.flatMap(file => {
      const rule = rules.find(({ part }) => part.test(file.path))
      if (rule === undefined) return [where(file, 'no rule covers this file')]
      return file.imports
        .filter(
          found =>
            !rule.allowed.some(test => (test instanceof RegExp ? test.test(found.target) : test(found))),
        )
        .map(found => where(file, `${found.kind} import of ${found.target}`))
    })
    expect(wrong).toEqual([])
  })

  it('name files that exist, with their extension, and built-ins with node:', () => {
    const paths = new Set(src.map(({ path }) => path))
    const wrong = src.flatMap(file =>
      file.imports
        .filter(({ target }) =>
          target.startsWith('src/') ? !paths.has(target) : builtinModules.includes(target),
        )
        .map(({ target }) => where(file, target)),
    )
    expect(wrong).toEqual([])
  })

  it('have no cycles', () => {
    // Types are gone at run time, but a cycle of types shows parts that are one part.
    const graph = new Map(
      src.map(({ path, imports }) => [path, imports.filter(({ kind }) => kind !== 'dynamic')]),
    )
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (path: string, above: readonly string[]): void => {
      if (above.includes(path)) {
        cycles.push([...above.slice(above.indexOf(path)), path].join(' -> '))
        return
      }
      if (done.has(path)) return
      for (const { target } of graph.get(path) ?? []) visit(target, [...above, path])
      done.add(path)
    }
    for (const path of graph.keys()) visit(path, [])
    expect(cycles).toEqual([])
  })

  it('of bin/ are the start of the program and nothing else', () => {
    expect(bin.map(({ path }) => path)).toEqual(['bin/kmseal.cjs'])
    const [found] = bin
    expect([...(found?.text ?? '').matchAll(/require\('([^']+)'\)/g)].map(([, target]) => target)).toEqual([
      '../dist/start.cjs',
    ])
  })
})

describe('source files', () => {
  it('re-export nothing, and have no default export', () => {
    const wrong = src
      .filter(
        ({ tokens }) =>
          /^export\s+(\*|(type\s+)?\{[^}]*\}\s*from)/m.test(tokens) || /^export\s+default\b/m.test(tokens),
      )
      .map(({ path }) => path)
    expect(wrong).toEqual([])
  })

  it('are named for what they hold', () => {
    const vague = /[/-](utils?|helpers?|misc|common|index)\.ts$/
    expect(src.map(({ path }) => path).filter(path => vague.test(path))).toEqual([])
    expect(src.map(({ path }) => path).filter(path => !/^[a-z0-9/-]+\.ts$/.test(path))).toEqual([])
  })

  it('of core, parameters, policy and mock know nothing of the process and the terminal', () => {
    const wrong = src
      .filter(({ path }) => /^src\/(core|parameters|policy|mock)\//.test(path))
      .flatMap(file =>
        [...file.tokens.matchAll(/(?<![.\w$-])(process|console)\b(?!\s*:)/g)].map(([word]) =>
          where(file, word),
        ),
      )
    expect(wrong).toEqual([])
  })

  it('begin with a comment that says what belongs in them', () => {
    expect(src.filter(({ text }) => !/^\/\*\*?\s+\S/.test(text)).map(({ path }) => path)).toEqual([])
  })

  it('have a comment on everything that they export', () => {
    const wrong = src.flatMap(file => {
      const lines = file.text.split('\n')
      return lines.flatMap((line, index) => {
        if (
          !/^export\s+(declare\s+|abstract\s+|async\s+)*(function|class|const|let|interface|type|enum)\b/.test(
            line,
          )
        )
          return []
        // Overloads share the comment of the first.
        const name = /(?:function|class|const|let|interface|type|enum)\s*\*?\s*(\w+)/.exec(line)?.[1] ?? ''
        if (lines.slice(0, index).some(above => above.startsWith(`export function ${name}(`))) return []
        return lines[index - 1]?.trimEnd().endsWith('*/') === true ? [] : [where(file, name)]
      })
    })
    expect(wrong).toEqual([])
  })

  it('are short: at most 300 lines', () => {
    const wrong = src
      .map(file => ({ file, lines: file.text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > 300)
      .map(({ file, lines }) => where(file, `${lines} lines`))
    expect(wrong).toEqual([])
  })
})

describe('everything', () => {
  it('is finished: no marks of work left over, no test that is skipped or alone', () => {
    // Written apart, so that this file does not find itself.
    const marks = new RegExp(`\\b(TO${'DO'}|FIX${'ME'}|XX${'X'})\\b`)
    const wrong = [...src, ...tests].flatMap(file => [
      ...(marks.test(file.text) ? [where(file, marks.exec(file.text)?.[0] ?? '')] : []),
      ...[...file.tokens.matchAll(/\b(?:it|test|describe)\.(?:only|skip|todo)\b(?!If)/g)].map(([found]) =>
        where(file, found),
      ),
    ])
    expect(wrong).toEqual([])
  })

  it('has one version', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    expect(version).toBe(manifest.version)
  })
})

describe('the scanner of this test', () => {
  it.each([
    ['a // process\nb', 'a \nb'],
    ['a /* process\n */ b', 'a  b'],
    ['x(\'process\', "it\\"s")', 'x(\'\', "")'],
    ['`process ${console} ${`${a}`} {`', '` console  ` a ` `'],
    ['= /[\'"`//]process/g.test(a) / b', '= /./g.test(a) / b'],
    ['a / b / process', 'a / b / process'],
  ])('reads %j', (text, tokens) => {
    expect(withoutCommentsAndStrings(text)).toBe(tokens)
  })
})
