// The less common methods of V's strings, bytes and runes, as rows of what they take and give.

import type { CallExpr, Expr } from '../ast.ts';
import type { TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { coerceOr } from './convert.ts';
import { bad, checkValue, intConst, runtime, stringConst } from './expressions.ts';

export interface Row {
  readonly module: string;
  readonly name: string;
  readonly params: readonly Type[];
  readonly result: Type;
}

const { string, intType, bool, u8, rune } = types;
const strings = types.arrayOf(string);

export function row(result: Type, params: readonly Type[], name: string, module = 'v_string'): Row {
  return { module, name, params, result };
}

const text = (result: Type, params: readonly Type[], name: string): Row =>
  row(result, params, name, 'v_words');

export const textRows: Readonly<Record<string, Row>> = {
  replace_each: text(string, [strings], 'replace_each'),
  replace_char: text(string, [u8, u8, intType], 'replace_char'),
  normalize_tabs: text(string, [intType], 'expand_tabs'),
  expand_tabs: text(string, [intType], 'expand_tabs'),
  u8_array: text(types.arrayOf(u8), [], 'u8_array'),
  rsplit: text(strings, [string], 'rsplit'),
  rsplit_any: text(strings, [string], 'rsplit_any'),
  rsplit_nth: text(strings, [string, intType], 'rsplit_nth'),
  rsplit_once: text(types.optionOf(types.tupleOf([string, string])), [string], 'rsplit_once'),
  split_n: row(strings, [string, intType], 'split_nth'),
  substr_unsafe: row(string, [intType, intType], 'slice'),
  substr_ni: row(string, [intType, intType], 'slice_gated'),
  substr_or: text(string, [intType, intType, string], 'substr_or'),
  substr_with_check: text(types.resultOf(string), [intType, intType], 'substr_checked'),
  index_: text(intType, [string], 'index'),
  index_after_: text(intType, [string, intType], 'index_from'),
  last_index_u8: text(intType, [u8], 'last_index_u8'),
  contains_u8: text(bool, [u8], 'contains_u8'),
  contains_only: text(bool, [string], 'contains_only'),
  contains_any_substr: text(bool, [strings], 'contains_any_substr'),
  starts_with_capital: text(bool, [], 'starts_with_capital'),
  is_title: text(bool, [], 'is_title'),
  is_oct: text(bool, [], 'is_oct'),
  is_bin: text(bool, [], 'is_bin'),
  is_identifier: text(bool, [], 'is_identifier'),
  is_pure_ascii: row(bool, [], 'is_ascii'),
  trim_indexes: text(types.tupleOf([intType, intType]), [string], 'trim_indexes'),
  after_char: text(string, [u8], 'after_char'),
  strip_margin: text(string, [], 'strip_margin'),
  strip_margin_custom: text(string, [u8], 'strip_margin'),
  match_glob: text(bool, [string], 'match_glob'),
  camel_to_snake: text(string, [], 'camel_to_snake'),
  snake_to_camel: text(string, [], 'snake_to_camel'),
  hex: text(string, [], 'hex'),
  graphemes: text(strings, [], 'graphemes'),
  runes_iterator: row(types.arrayOf(rune), [], 'runes'),
  utf32_code: row(intType, [], 'utf32_code'),
};

export const moreByteRows: Readonly<Record<string, Row>> = {
  str_escaped: text(string, [], 'escaped_byte'),
};

export const moreRuneRows: Readonly<Record<string, Row>> = {
  to_upper: text(rune, [], 'rune_upper'),
  to_lower: text(rune, [], 'rune_lower'),
  to_title: text(rune, [], 'rune_title'),
};

/** `s.format(a, b)` and `s.wrap(width: 20)`, whose arguments no row describes. */
export function textMethod(
  f: FnContext,
  e: CallExpr,
  name: string,
  value: TExpr,
): TExpr | undefined {
  const { span } = e;
  if (name === 'free' && e.args.length === 0)
    return { kind: 'atom', name: 'ok', type: types.voidType, span };
  if (name === 'format') {
    const whole = e.args[0]?.spread ? checkValue(f, e.args[0].value) : undefined;
    const elements = e.args.map((a) => fitted(f, a.value, string));
    const list: TExpr = whole ?? { kind: 'array', elements, type: strings, span };
    return runtime('v_words', 'format', [value, list], string, span);
  }
  if (name !== 'wrap') return undefined;
  const wanted: Record<string, TExpr> = {
    width: intConst(80, span),
    end: stringConst('\n', span),
  };
  for (const a of e.args) {
    if (a.name !== 'width' && a.name !== 'end') {
      f.error(`unknown field \`${a.name ?? ''}\` in struct literal of type \`WrapConfig\``, a.span);
      continue;
    }
    wanted[a.name] = fitted(f, a.value, a.name === 'width' ? intType : string);
  }
  const { width, end } = wanted;
  if (!width || !end) return bad(span);
  return runtime('v_words', 'wrap', [value, width, end], string, span);
}

function fitted(f: FnContext, e: Expr, type: Type): TExpr {
  const value = checkValue(f, e, type);
  return coerceOr(f, value, type, () => `cannot use \`${value.type.name}\` as \`${type.name}\``);
}
