/** Records as lines. */

import { expect, it } from 'vitest'
import { renderRecord } from '../../src/cli/record-text.ts'

it('renders ordered names first, lists on one line, nested records indented, times in UTC', () => {
  const record = {
    Last: false,
    Text: 'a\nb\u001b',
    Empty: '',
    Absent: undefined,
    When: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)),
    List: ['x', 'y'],
    Nested: { Kind: 'PRIMARY', Key: { Arn: 'a', Region: 'r' }, None: [] },
    Records: [
      { Name: 'n', At: new Date(0) },
      { Name: 'm', Inner: { X: 1 } },
    ],
    First: 1,
  }
  expect(renderRecord(record, ['First', 'Nowhere', 'Text'])).toBe(
    [
      'First: 1',
      'Text: a\\nb\\u{1b}',
      'Last: false',
      'Empty:',
      'When: 2026-01-02T03:04:05.000Z',
      'List: x, y',
      'Nested:',
      '  Kind: PRIMARY',
      '  Key:',
      '    Arn: a',
      '    Region: r',
      '  None:',
      'Records:',
      '  - Name: n',
      '    At: 1970-01-01T00:00:00.000Z',
      '  - Name: m',
      '    Inner:',
      '      X: 1',
      '',
    ].join('\n'),
  )
})
