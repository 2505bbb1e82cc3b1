// What names may look like: lower case for variables, fields and methods, and none of the names of
// V's own types.

import type { Span } from '../source.ts';
import type { Program } from './program.ts';

const reserved = new Set(
  (
    'bool char i8 i16 i32 int i64 u8 u16 u32 u64 f32 f64 map string rune usize isize voidptr ' +
    'thread'
  ).split(' '),
);
const reservedForGlobals = new Set([...reserved, 'byte', 'array']);

/** `name` must not be one of V's types; `use` says what it would name: `a parameter name`. */
export function requireUnreserved(p: Program, name: string, use: string, span: Span): void {
  if (!reserved.has(name) || p.unitAt(span).library) return;
  p.error(`invalid use of reserved type \`${name}\` as ${use}`, span);
}

export function requireUnreservedGlobal(p: Program, name: string, span: Span): void {
  if (!reservedForGlobals.has(name) || p.unitAt(span).library) return;
  p.error(`invalid use of reserved type \`${name}\` as a global name`, span);
}

/** `what` begins the message: `variable name`. */
export function requireSnakeCase(p: Program, name: string, what: string, span: Span): void {
  if (p.unitAt(span).library) return;
  if (name.length > 1 && name.startsWith('_')) {
    p.error(`${what} \`${name}\` cannot start with \`_\``, span);
  }
  if (/[A-Z]/.test(name)) {
    p.error(`${what} \`${name}\` cannot contain uppercase letters, use snake_case instead`, span);
  }
}
