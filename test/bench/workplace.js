/** The folder that a run works in, the environment of every command, and kmseal as people start it. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/** The built program. Its first line starts `node`, which costs something too. */
export const binary = new URL('../../bin/kmseal.cjs', import.meta.url).pathname

/** Bare node, beside which starting is measured. */
export const bareNode = { words: [process.execPath, '-e', '0'] }

const settings = /^(AWS|KMSEAL|XDG)_|^NODE_(OPTIONS|COMPILE_CACHE|DISABLE_COMPILE_CACHE|V8_COVERAGE)$/

/** A folder with a mock, a cache of compiled code and settings of its own. */
export class Workplace {
  /** @param {string} [parent] where the folder is made: on the disk that is meant to be measured */
  constructor(parent = tmpdir()) {
    this.folder = mkdtempSync(join(parent, 'kmseal-bench-'))
    for (const name of ['cache', 'config', 'state']) mkdirSync(this.file(name), { mode: 0o700 })
    const kept = Object.entries(process.env).filter(([name]) => !settings.test(name))
    /** Nothing of the machine's own settings. */
    this.env = {
      ...Object.fromEntries(kept),
      // The node that runs this is the one that is measured.
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      XDG_CACHE_HOME: this.file('cache'),
      XDG_CONFIG_HOME: this.file('config'),
      XDG_STATE_HOME: this.file('state'),
      KMSEAL_BACKEND: 'mock',
      KMSEAL_MOCK_DIR: this.file('mock'),
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_CONFIG_FILE: this.file('aws-config'),
      AWS_SHARED_CREDENTIALS_FILE: this.file('aws-credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
    }
  }

  /** @param {string} name */
  file(name) {
    return join(this.folder, name)
  }

  /** @param {string[]} words */
  kmseal(...words) {
    return { words: [binary, ...words] }
  }

  /** A program of this folder in a bare node, beside which kmseal is measured. */
  peer(name, ...words) {
    return { words: [process.execPath, new URL(name, import.meta.url).pathname, ...words] }
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
