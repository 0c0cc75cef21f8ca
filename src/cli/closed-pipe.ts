/** The one failure that is not reported: nobody is left to read our output. */

import { KmsealError } from '../errors.ts'

/** The reader of our output went away; the program ends silently with status 141. */
export class ClosedPipeError extends KmsealError {
  constructor() {
    super('failed', 'the reader of the output went away')
    this.name = 'ClosedPipeError'
  }
}
