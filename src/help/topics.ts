/** The topics of `kmseal help TOPIC`: their names, and where their texts are. */

/** A topic as it is printed. */
export interface TopicText {
  readonly text: string
  /** With `--json`: one object a line. */
  readonly records: readonly object[]
}

/** A topic, before its text is loaded. */
export interface Topic {
  readonly name: string
  readonly summary: string
  /** @param commands what was named after it: commands, for `iam` */
  readonly load: (commands: readonly string[]) => Promise<TopicText>
}

/** All topics, in the order of `kmseal help`. */
export const topics: readonly Topic[] = [
  {
    name: 'exit-codes',
    summary: 'what the exit statuses mean',
    load: async () => (await import('./exit-codes.ts')).exitCodesTopic(),
  },
  {
    name: 'formats',
    summary: 'what is written and read: ciphertexts, text forms, parameters, --json',
    load: async () => (await import('./formats.ts')).formatsTopic,
  },
  {
    name: 'environment',
    summary: 'the variables that count, and what beats what',
    load: async () => (await import('./environment.ts')).environmentTopic(),
  },
  {
    name: 'security',
    summary: 'what is protected from whom, and what is not',
    load: async () => (await import('./security.ts')).securityTopic,
  },
  {
    name: 'iam',
    summary: 'the least permissions of every command, as a table and as a policy',
    load: async commands => (await import('./iam.ts')).iamTopic(commands),
  },
  {
    name: 'encryption',
    summary: 'in flight, at the service, here: which command for which',
    load: async () => (await import('./encryption.ts')).encryptionTopic,
  },
]

/** The topics as lines of `kmseal help`. */
export function topicLines(): string {
  const width = Math.max(...topics.map(({ name }) => name.length))
  const lines = topics.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`)
  return `Topics, for kmseal help TOPIC:\n${lines.join('')}`
}
