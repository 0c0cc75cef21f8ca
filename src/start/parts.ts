/** Loads the parts of the built program, which are CommonJS modules in one folder, and keeps their compiled code. */

import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'
import { type CodeCache, digest } from './code-cache.ts'

type Part = (
  exports: object,
  require: (id: string) => unknown,
  module: { exports: object },
  filename: string,
) => void

/** The parts that were loaded, by their files. */
export class Parts {
  readonly #cache: CodeCache | undefined
  readonly #native: (id: string) => unknown
  readonly #loaded = new Map<string, { exports: object }>()
  readonly #compiled = new Map<string, Script>()

  /** @param native loads everything that is no part: built-ins and packages */
  constructor(cache: CodeCache | undefined, native: (id: string) => unknown) {
    this.#cache = cache
    this.#native = native
  }

  /** The base names of the files that were loaded, in the order of loading. */
  get names(): readonly string[] {
    return [...this.#loaded.keys()].map(file => basename(file))
  }

  /** What a file exports; it runs once. */
  load(file: string): object {
    const known = this.#loaded.get(file)
    if (known !== undefined) return known.exports
    const module = { exports: {} }
    this.#loaded.set(file, module)
    const folder = dirname(file)
    const require = (id: string): unknown =>
      id.startsWith('.') ? this.load(join(folder, id)) : this.#native(id)
    this.#compile(file)(module.exports, require, module, file)
    return module.exports
  }

  #compile(file: string): Part {
    const text = readFileSync(file)
    // V8 itself compares no more of the text than its length.
    const name = `${basename(file)} ${digest(text).toString('hex')}`
    const cachedData = this.#cache?.get(name)
    const source = `(function(exports,require,module,__filename){"use strict";${text.toString('utf8')}\n})`
    const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) })
    if (cachedData === undefined || script.cachedDataRejected === true) this.#compiled.set(name, script)
    return script.runInThisContext() as Part
  }

  /** Keeps the code of the parts that had to be compiled, with the functions that have run by now. */
  keep(): void {
    if (this.#cache === undefined || this.#compiled.size === 0 || !this.#cache.prepare()) return
    const codes = new Map<string, Buffer>()
    for (const [name, script] of this.#compiled) codes.set(name, script.createCachedData())
    this.#cache.add(codes)
  }
}
