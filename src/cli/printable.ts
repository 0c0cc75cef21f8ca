/** Makes untrusted text safe to show to people. */

// Control and escape characters, bidirectional overrides, and separators that terminals treat as line ends.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Cs}/gu

/**
 * Escapes what could move a cursor, recolour, reorder or hide text: names, contexts, tags and messages
 * of services come from others.
 */
export function printable(text: string): string {
  return text.replace(unsafe, character => {
    const code = character.codePointAt(0) ?? 0
    if (character === '\n') return '\\n'
    if (character === '\r') return '\\r'
    if (character === '\t') return '\\t'
    return `\\u{${code.toString(16)}}`
  })
}

/** Whether text of unknown origin can be written to a terminal as it is: printable characters and line breaks. */
export function isTerminalSafe(bytes: Uint8Array): boolean {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return false
  }
  return text.replace(/[\n\r\t]/g, '').search(unsafe) === -1
}
