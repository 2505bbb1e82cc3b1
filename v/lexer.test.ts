// The lexer: every kind of token, decoded strings, interpolation, and errors that do not stop it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lex } from './lexer.ts';

function kinds(source: string): string {
  const { tokens, errors } = lex(source);
  assert.deepEqual(errors, []);
  return tokens
    .map((t) => (t.text === '' || t.text === t.kind ? t.kind : `${t.kind}:${t.text}`))
    .join(' ');
}

const rows: readonly (readonly [string, string, string])[] = [
  ['names and keywords', 'fn foo mut @type', 'fn name:foo mut name:type eof'],
  [
    'numbers',
    '1_000 0xFF 0b1_0 0o17 1.5 2e3 1.',
    'number:1000 number:0xFF number:0b10 number:0o17 number:1.5 number:2e3 number:1.0 eof',
  ],
  ['a range is no float', '0..9', 'number:0 .. number:9 eof'],
  ['a method call is no float', '5.str()', 'number:5 . name:str ( ) eof'],
  ['the longest operator wins', 'a >>>= b >>> c', 'name:a >>>= name:b >>> name:c eof'],
  ['!in against a name', 'a !in b !inner', 'name:a !in name:b ! name:inner eof'],
  ['comments nest', 'a /* x /* y */ z */ b // c', 'name:a name:b eof'],
  ['escapes become bytes', String.raw`'\x41\u00e9\n\101'`, 'string:A\xc3\xa9\nA eof'],
  ['raw strings', "r'\\n${x}'", 'string:\\n${x} eof'],
  ['a rune', '`é`', 'char:\xc3\xa9 eof'],
  ['compile-time names', '@FN @[inline]', 'at:FN @ [ name:inline ] eof'],
  [
    'interpolation',
    "'a${x}b${y:5}c'",
    'strOpen:a name:x strMiddle:b name:y strFormat:5 strClose:c eof',
  ],
  [
    'interpolation nests',
    `'\${f('\${y}')}'`,
    'strOpen name:f ( strOpen name:y strClose ) strClose eof',
  ],
  [
    'braces inside an interpolation',
    "'${m{1: 2}}'",
    'strOpen name:m { number:1 : number:2 } strClose eof',
  ],
];

for (const [name, source, expected] of rows) {
  test(`lexes ${name}`, () => assert.equal(kinds(source), expected));
}

test('tokens carry their line and position', () => {
  const { tokens } = lex('a\n\n  bc');
  assert.deepEqual(tokens[1], {
    kind: 'name',
    text: 'bc',
    start: 5,
    end: 7,
    line: 3,
    spaceBefore: true,
  });
});

for (const [source, message] of [
  ["'open", 'unfinished string literal'],
  ['`', 'unfinished character literal'],
  ['/* open', 'unterminated multiline comment'],
  ['0x', 'number part is not provided in the hexadecimal number `0x`'],
  ['12ab', 'this number has unsuitable digit `a`'],
  [String.raw`'\q'`, '`q` unknown escape sequence'],
  ['\u00a7', 'invalid character `\u00a7`'],
] as const) {
  test(`reports ${message}`, () => {
    const { errors } = lex(source);
    assert.equal(errors[0]?.message, message);
  });
}
