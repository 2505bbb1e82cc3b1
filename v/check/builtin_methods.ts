// Methods of V's built-in types. Strings and numbers are a table; arrays and maps need the types of
// their elements.

import type { CallExpr, Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { arrayMethod } from './array_methods.ts';
import { channelMethod } from './channels.ts';
import type { FnContext } from './context.ts';
import { coerce, settle } from './convert.ts';
import { enumMethod } from './enums.ts';
import { bad, checkExpr, checkValue, deref, localRef, runtime } from './expressions.ts';
import { mapMethod } from './map_methods.ts';
import { strCall } from './str.ts';
import { moreByteRows, moreRuneRows, type Row, row, textMethod, textRows } from './text_methods.ts';
import { threadMethod } from './threads.ts';
import { heldTypeQuery } from './type_queries.ts';

export type Selector = Expr & { kind: 'selector' };

const { string, intType, bool, u8, rune, f64 } = types;
const strings = types.arrayOf(string);

const stringRows: Readonly<Record<string, Row>> = {
  ...textRows,
  contains: row(bool, [string], 'contains'),
  contains_any: row(bool, [string], 'contains_any'),
  starts_with: row(bool, [string], 'starts_with'),
  ends_with: row(bool, [string], 'ends_with'),
  to_upper: row(string, [], 'to_upper'),
  to_upper_ascii: row(string, [], 'ascii_upper'),
  to_lower: row(string, [], 'to_lower'),
  to_lower_ascii: row(string, [], 'ascii_lower'),
  capitalize: row(string, [], 'capitalize'),
  uncapitalize: row(string, [], 'uncapitalize'),
  title: row(string, [], 'title'),
  is_upper: row(bool, [], 'is_upper'),
  is_lower: row(bool, [], 'is_lower'),
  is_capital: row(bool, [], 'is_capital'),
  is_blank: row(bool, [], 'is_blank'),
  trim_space: row(string, [], 'trim_space'),
  trim_space_left: row(string, [], 'trim_space_left'),
  trim_space_right: row(string, [], 'trim_space_right'),
  trim: row(string, [string], 'trim'),
  trim_left: row(string, [string], 'trim_left'),
  trim_right: row(string, [string], 'trim_right'),
  trim_string_left: row(string, [string], 'trim_prefix'),
  trim_string_right: row(string, [string], 'trim_suffix'),
  split: row(strings, [string], 'split'),
  split_any: row(strings, [string], 'split_any'),
  split_nth: row(strings, [string, intType], 'split_nth'),
  split_into_lines: row(strings, [], 'split_into_lines'),
  split_by_space: row(strings, [], 'words'),
  fields: row(strings, [], 'fields'),
  replace: row(string, [string, string], 'replace'),
  replace_once: row(string, [string, string], 'replace_once'),
  index_u8: row(intType, [u8], 'index_u8'),
  index_: row(intType, [string], 'index_or_none'),
  last_index_u8: row(intType, [u8], 'last_index_u8'),
  replace_each: row(string, [strings], 'replace_each'),
  index_any: row(intType, [string], 'index_any'),
  index: row(types.optionOf(intType), [string], 'index'),
  index_after: row(types.optionOf(intType), [string, intType], 'index_after'),
  last_index: row(types.optionOf(intType), [string], 'last_index'),
  count: row(intType, [string], 'count'),
  repeat: row(string, [intType], 'repeat'),
  reverse: row(string, [], 'reverse'),
  substr: row(string, [intType, intType], 'slice'),
  limit: row(string, [intType], 'limit'),
  all_before: row(string, [string], 'all_before'),
  all_before_last: row(string, [string], 'all_before_last'),
  all_after: row(string, [string], 'all_after'),
  all_after_first: row(string, [string], 'all_after_first'),
  all_after_last: row(string, [string], 'all_after_last'),
  before: row(string, [string], 'all_before'),
  after: row(string, [string], 'all_after_last'),
  find_between: row(string, [string, string], 'find_between'),
  bytes: row(types.arrayOf(u8), [], 'bytes'),
  runes: row(types.arrayOf(rune), [], 'runes'),
  len_utf8: row(intType, [], 'rune_count'),
  int: row(intType, [], 'to_i32'),
  i32: row(types.i32, [], 'to_i32'),
  i64: row(types.i64, [], 'to_i64'),
  i8: row(types.i8, [], 'to_i8'),
  i16: row(types.i16, [], 'to_i16'),
  u8: row(u8, [], 'to_u8'),
  u16: row(types.u16, [], 'to_u16'),
  u32: row(types.u32, [], 'to_u32'),
  u64: row(types.u64, [], 'to_u64'),
  f64: row(f64, [], 'to_f64'),
  f32: row(types.f32, [], 'to_f32'),
  bool: row(bool, [], 'to_bool'),
  str: row(string, [], 'itself'),
  clone: row(string, [], 'itself'),
  free: row(types.voidType, [], 'itself'),
  hash: row(intType, [], 'hash'),
  eq: row(bool, [string], 'equal'),
  compare: row(intType, [string], 'compare'),
  is_int: row(bool, [], 'is_int'),
  is_hex: row(bool, [], 'is_hex'),
  is_ascii: row(bool, [], 'is_ascii'),
  trim_indent: row(string, [], 'trim_indent'),
  split_once: row(types.optionOf(types.tupleOf([string, string])), [string], 'split_once'),
  parse_int: row(types.resultOf(types.i64), [intType, intType], 'parse_int'),
  parse_uint: row(types.resultOf(types.u64), [intType, intType], 'parse_uint'),
  indent_width: row(intType, [], 'indent_width'),
};

const byteRows: Readonly<Record<string, Row>> = {
  is_digit: row(bool, [], 'byte_is_digit'),
  is_letter: row(bool, [], 'byte_is_letter'),
  is_alnum: row(bool, [], 'byte_is_alnum'),
  is_space: row(bool, [], 'byte_is_space'),
  is_capital: row(bool, [], 'byte_is_upper'),
  is_hex_digit: row(bool, [], 'byte_is_hex'),
  is_oct_digit: row(bool, [], 'byte_is_oct'),
  is_bin_digit: row(bool, [], 'byte_is_bin'),
  ascii_str: row(string, [], 'from_byte'),
  ...moreByteRows,
  repeat: row(string, [intType], 'repeat_byte'),
  to_upper: row(u8, [], 'byte_upper'),
  to_lower: row(u8, [], 'byte_lower'),
};

const runeRows: Readonly<Record<string, Row>> = {
  str: row(string, [], 'from_rune'),
  bytes: row(types.arrayOf(u8), [], 'rune_bytes'),
  repeat: row(string, [intType], 'repeat_rune'),
  length_in_bytes: row(intType, [], 'rune_length'),
  ...moreRuneRows,
};

const floatRows: Readonly<Record<string, Row>> = {
  str: row(string, [], 'str', 'v_float'),
  strg: row(string, [], 'str', 'v_float'),
  strsci: row(string, [intType], 'strsci', 'v_float'),
  strlong: row(string, [], 'strlong', 'v_float'),
  eq_epsilon: row(bool, [f64], 'eq_epsilon', 'v_float'),
};

export function builtinMethod(
  f: FnContext,
  e: CallExpr,
  callee: Selector,
  receiver: TExpr,
  expected: Type | undefined,
): TExpr | undefined {
  const value = deref(receiver);
  const t = types.unalias(value.type);
  if (callee.name === 'str' && e.args.length === 0) return strCall(f, receiver);
  if (t.kind === 'array' || t.kind === 'fixed')
    return arrayMethod(f, e, callee, value, t, expected);
  if (t.kind === 'map') return mapMethod(f, e, callee, value, t);
  if (t.kind === 'thread') return threadMethod(f, e, callee, value, t);
  if (t.kind === 'chan') return channelMethod(f, e, callee, value, t);
  if (t.kind === 'enum') return enumMethod(f, e, callee, value, t);
  const tagged = t.kind === 'sum' || t.kind === 'interface';
  if (tagged && callee.name === 'type_name' && e.args.length === 0) {
    const tag = runtime(
      'erlang',
      'element',
      [{ kind: 'int', value: 1n, type: intType, span: e.span }, value],
      types.noneType,
      e.span,
    );
    return runtime('v_rt', 'type_name', [tag], string, e.span);
  }
  if (t === string) {
    const special = textMethod(f, e, callee.name, value);
    if (special) return special;
  }
  const held = e.args.length === 0 ? heldTypeQuery(f, value, callee.name) : undefined;
  if (held) return held;
  const found = tableRow(t, callee.name);
  return found && callRow(f, e, callee, value, found);
}

/** `'text'.contains` without a call: a function that holds the value. */
export function builtinMethodValue(
  f: FnContext,
  value: TExpr,
  name: string,
  span: Span,
): TExpr | undefined {
  const settled = settle(value);
  const t = types.unalias(settled.type);
  const found = tableRow(t, name);
  if (!found || found.name === 'itself') return undefined;
  const held = f.temporary('receiver', settled.type, span);
  const receiver = localRef(held, span);
  const params = found.params.map((type) => f.program.newLocal('_', type, span));
  const args = params.map((p) => localRef(p, span));
  const { result } = found;
  const answer = runtime(found.module, found.name, [receiver, ...args], result, span);
  const body = { stmts: [{ kind: 'return', value: answer, span } as const], value: undefined };
  const type = types.fnOf(
    params.map((p) => ({ name: '', type: p.type, mut: false, variadic: false })),
    result,
  );
  const made = {
    kind: 'closure',
    params,
    outs: [],
    body,
    result,
    captures: [],
    type,
    span,
  } as const;
  const keep = { kind: 'let', local: held, value: settled, span } as const;
  return { kind: 'block', body: { stmts: [keep], value: made }, type, span };
}

function tableRow(t: Type, name: string): Row | undefined {
  const own = (table: Readonly<Record<string, Row>>): Row | undefined =>
    Object.hasOwn(table, name) ? table[name] : undefined;
  if (t === string) return own(stringRows);
  if (t.kind === 'float') return own(floatRows);
  if (t.kind !== 'int') return undefined;
  const special =
    t === u8 || t === types.charType ? own(byteRows) : t === rune ? own(runeRows) : undefined;
  if (special) return special;
  if (name === 'hex') return row(string, [], `hex_${t.bits}`);
  if (name === 'hex_full') return row(string, [], `hex_full_${t.bits}`);
  return undefined;
}

function callRow(f: FnContext, e: CallExpr, callee: Selector, value: TExpr, found: Row): TExpr {
  const shown = `${types.unalias(value.type).name}.${callee.name}`;
  const args = checkRowArgs(f, e, callee, found.params, shown);
  if (!args) return bad(e.span);
  if (found.name === 'itself') return value;
  return runtime(found.module, found.name, [value, ...args], found.result, e.span);
}

export function checkRowArgs(
  f: FnContext,
  e: CallExpr,
  callee: Selector | undefined,
  params: readonly Type[],
  shown = `.${callee?.name ?? ''}()`,
): TExpr[] | undefined {
  if (e.args.length !== params.length) {
    for (const a of e.args) checkExpr(f, a.value);
    const s = params.length === 1 ? '' : 's';
    const head = shown.startsWith('.') ? `\`${shown}\` expected` : 'expected';
    f.error(`${head} ${params.length} argument${s}, but got ${e.args.length}`, e.span);
    return undefined;
  }
  const args: TExpr[] = [];
  for (const [i, want] of params.entries()) {
    const a = e.args[i];
    if (!a) return undefined;
    const value = checkValue(f, a.value, want);
    if (value.type === types.errorType) return undefined;
    const fitted = coerce(f, deref(value), want);
    if (!fitted) {
      f.error(
        `cannot use \`${value.type.name}\` as \`${want.name}\` in argument ${i + 1} ` +
          `to \`${shown}\``,
        a.value.span,
      );
      return undefined;
    }
    args.push(fitted);
  }
  return args;
}
