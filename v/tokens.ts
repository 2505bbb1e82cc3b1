// The vocabulary of V: keywords, operators and their binding strength.

import type { Span } from './source.ts';

/**
 * A token's kind is `name`, `number`, `string`, `char`, `eof`, a piece of an interpolated string,
 * or the text of a keyword or operator.
 *
 * An interpolated string `'a${x:5}b${y}c'` becomes
 * `strOpen("a") x strFormat("5") strMiddle("b") y strClose("c")`.
 */
export interface Token extends Span {
  readonly kind: string;
  /**
   * The name, the digits, or the decoded bytes of a string as a Latin-1 string (one char a byte).
   */
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
  /** True when white space (or the file's start) precedes the token. */
  readonly spaceBefore: boolean;
}

export const keywords: ReadonlySet<string> = new Set(
  (
    'as asm assert atomic break const continue defer dump else enum false fn for __global go ' +
    'goto if implements import in interface is isreftype lock match module mut nil none or pub ' +
    'return rlock select shared sizeof ' +
    'spawn static struct true type typeof union unsafe volatile __offsetof'
  ).split(' '),
);

/** Operators, longest first so that the lexer can take the first that matches. */
export const operators: readonly string[] = (
  '>>>= ... <<= >>= >>> **= ||= &&= := == != <= >= += -= *= /= %= ^= |= &= && || ++ -- ' +
  '<< >> ** <- .. ' +
  '!in !is #[ + - * / % & | ^ ~ ! = < > ( ) [ ] { } , ; : . ? @ # $'
)
  .split(' ')
  .sort((a, b) => b.length - a.length);

export const assignOperators: ReadonlySet<string> = new Set(
  ':= = += -= *= /= %= **= ^= |= &= <<= >>= >>>= ||= &&='.split(' '),
);

/** Binding strength of infix operators, weakest first (V's own table). */
const infixRows: readonly (readonly [number, string])[] = [
  [1, '&& ||'],
  [2, 'in !in is !is as'],
  [4, '== != < > <= >='],
  [5, '+ - | ^'],
  [6, '* / % << >> >>> & <-'],
  [8, '**'],
];

export const infixPrecedence: ReadonlyMap<string, number> = new Map(
  infixRows.flatMap(([level, names]) => names.split(' ').map((n) => [n, level] as const)),
);

export const lowestPrecedence = 0;
export const prefixPrecedence = 7;
