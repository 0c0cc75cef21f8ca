/** Requests side by side, as fast as the service takes them. */

import { setTimeout } from 'node:timers/promises'
import { KmsealError } from '../errors.ts'

/** How often one request may be turned away before it counts as failed; the SDK tries three times in each. */
const mostTries = 7
const firstDelayMs = 100
const longestDelayMs = 5000

const turningAway = new Set(['ThrottlingException', 'TooManyUpdates'])

/**
 * Lets a number of requests run at a time: fewer after the service said that it is too many, more again while it
 * answers. What was turned away is asked once more, later.
 */
export class Pace {
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #room: number
  #running = 0
  #delayMs = 0

  /** @param most requests that are ever in flight */
  constructor(most: number) {
    this.#most = most
    this.#room = most
  }

  /**
   * Runs a request when there is room for it.
   *
   * @throws KmsealError `unavailable` when it was turned away too often; what the request throws
   * @see https://docs.aws.amazon.com/general/latest/gr/ssm.html
   */
  async run<T>(request: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      await this.#enter()
      try {
        const answer = await request()
        this.#room = Math.min(this.#most, this.#room + 1 / this.#room)
        this.#delayMs = 0
        return answer
      } catch (error) {
        const isTurnedAway = error instanceof KmsealError && turningAway.has(error.awsName ?? '')
        if (!isTurnedAway || tries === mostTries) throw error
        this.#room = Math.max(1, this.#room / 2)
        this.#delayMs = Math.min(longestDelayMs, Math.max(firstDelayMs, this.#delayMs * 2))
      } finally {
        this.#leave()
      }
      // At different times, so that they do not all come back at once.
      await setTimeout(this.#delayMs * (0.5 + Math.random() / 2))
    }
  }

  async #enter(): Promise<void> {
    while (this.#running >= Math.floor(this.#room)) {
      await new Promise<void>(fulfil => this.#waiting.push(fulfil))
    }
    this.#running += 1
  }

  #leave(): void {
    this.#running -= 1
    // Room may have grown by one, so that two can go on.
    for (const goOn of this.#waiting.splice(0, 2)) goOn()
  }
}
