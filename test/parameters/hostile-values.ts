/** Values that formats, shells and parsers are known to change. */

export const pem = '-----BEGIN KEY-----\nMIIB+/=\n-----END KEY-----\n'

/** Each of them must come back as it is, or be refused. */
export const hostileValues: readonly string[] = [
  pem,
  ...["it's", "'", "''", 'a\'b"c`d$e\\f!g', '"', '""', '\\', '\\\\', 'a\\', '\\n', "'\\n", '\\"', "\\'"],
  ...['$HOME', '${HOME}', '$(id)', '`id`', "'$(id)`id`", '$$', '!!', 'a!b', "!'", '~', '~root', '*', '=ls'],
  ...['x # y', 'p#q', '#', ' #', 'a=b==', '=', ';', '&', '|', '<', '>', '(', '[a]', '{a,b}', '%HOME%', '^'],
  ...[' ', '  lead', 'trail  ', '\t', '\ttab\t', 'a\tb', '\n', '\n\n', 'a\n', '\na', 'a\n\nb', 'a\\\nb'],
  ...[
    '\r',
    'a\r',
    'a\rb',
    'a\r\nb',
    "a'\r\nb",
    '\r\n',
    '\f',
    '\v',
    '\u0001',
    '\u001b[31m',
    '\u007f',
    '\u0085',
  ],
  ...['\u0080', '\u0081', '\u0088', '\u2028', 'a\u2028b', '\u2029', '\u00a0', '\ufeff', '\ufeffa', '\ufffd'],
  ...['🔑', 'naïve', '日本', '\u202e', '\u200b', '\uffff', 'e\u0301'],
  ...['007', '0x1F', '0o17', '1e3', '1_000', '1.0', '-0', '.inf', '.nan', '12:30:45', '2024-01-01', '+1'],
  ...['yes', 'no', 'on', 'off', 'y', 'n', 'true', 'False', 'null', 'NULL', '~', 'NaN', 'undefined'],
  ...['---', '...', '- a', '? a', 'a: b', ': ', ':', '-', '&a', '*a', '!a', '!!str', '|', '>-', '@', '%'],
  ...['<<', 'EOF', 'a\nEOF\n\nX=1', '<<EOF', 'A<<EOF\nx\nEOF', '::add-mask::x', '%0A', '%25', 'export A=1'],
  ...[
    '{"a":1}',
    '[1,2]',
    '"a"',
    'A="b"',
    "A='b'",
    '{{ x }}',
    '-n',
    '-x',
    '--help',
    'a,b',
    '\\u0041',
    '\\x41',
  ],
]
