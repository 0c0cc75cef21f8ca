/** A topic that is prose. */

import type { TopicText } from './topics.ts'

/** Makes a topic of a text, which is one object with `--json`. */
export function plainTopic(name: string, text: string): TopicText {
  return { text, records: [{ Topic: name, Text: text }] }
}
