// The functions every V program has without importing anything.

import type { CallExpr } from '../ast.ts';
import type { TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { checkRowArgs } from './builtin_methods.ts';
import type { FnContext } from './context.ts';
import { coerce, settle } from './convert.ts';
import { bad, checkExpr, checkValue, runtime } from './expressions.ts';
import { reading } from './shared.ts';
import { strCall } from './str.ts';
import { type Row, row } from './text_methods.ts';

type BuiltinFunction = (f: FnContext, e: CallExpr, expected: Type | undefined) => TExpr;

function onlyArgument(f: FnContext, e: CallExpr): TExpr | undefined {
  const [arg] = e.args;
  if (arg && e.args.length === 1) return checkExpr(f, arg.value);
  for (const a of e.args) checkExpr(f, a.value);
  f.error(`expected 1 argument, but got ${e.args.length}`, e.span);
  return undefined;
}

const printer =
  (name: string): BuiltinFunction =>
  (f, e) => {
    const value = reading(f, 'argument to print', () => onlyArgument(f, e));
    if (!value || value.type === types.errorType) return bad(e.span);
    if (value.type === types.voidType) {
      f.error(`\`${name}\` can not print void expressions`, e.span);
      return bad(e.span);
    }
    if (types.unalias(value.type) === types.charType) {
      f.error(
        `\`${name}\` cannot print type \`char\` directly, print its address or cast it to an ` +
          'integer instead',
        e.span,
      );
    }
    if (e.args[0]?.spread) f.error(`\`${name}\` cannot print variadic values`, e.span);
    return runtime('v_rt', name, [strCall(f, settle(value))], types.voidType, e.span);
  };

/** panic(message), also with an error value. */
const panic: BuiltinFunction = (f, e) => {
  const value = onlyArgument(f, e);
  if (!value || value.type === types.errorType) return { ...bad(e.span), type: types.never };
  return { kind: 'panic', message: strCall(f, settle(value)), type: types.never, span: e.span };
};

const exit: BuiltinFunction = (f, e) => {
  const value = onlyArgument(f, e);
  const code = value && coerce(f, value, types.intType);
  if (!code) {
    if (value)
      f.error(`cannot use \`${value.type.name}\` as \`int\` in argument 1 to \`exit\``, e.span);
    return bad(e.span);
  }
  return runtime('v_rt', 'exit', [code], types.never, e.span);
};

/** A function of the runtime that takes no arguments. */
const without =
  (module: string, name: string, result: types.Type): BuiltinFunction =>
  (f, e) => {
    if (e.args.length > 0) f.error(`expected 0 arguments, but got ${e.args.length}`, e.span);
    return runtime(module, name, [], result, e.span);
  };

const isNil: BuiltinFunction = (f, e) => {
  const [arg] = e.args;
  const value = arg && checkValue(f, arg.value);
  if (!value) return bad(e.span);
  const nil: TExpr = { kind: 'atom', name: 'nil', type: value.type, span: e.span };
  return { kind: 'compare', op: '==', left: value, right: nil, type: types.bool, span: e.span };
};

/** `_likely_(condition)` is a hint for C compilers; its value is the condition's. */
const likely: BuiltinFunction = (f, e) => {
  const [arg] = e.args;
  const value = arg && e.args.length === 1 ? checkValue(f, arg.value, types.bool) : undefined;
  if (value?.type === types.errorType) return value;
  if (value && types.unalias(value.type) === types.bool) return value;
  f.error('`_likely_()` and `_unlikely_()` need one boolean expression', e.span);
  return bad(e.span);
};

/** `ptr_str(x)`: the number that stands for the address of anything. */
const ptrStr: BuiltinFunction = (f, e) => {
  const value = onlyArgument(f, e);
  if (!value) return bad(e.span);
  const address = runtime('v_ref', 'address', [settle(value)], types.u64, e.span);
  return runtime('v_string', 'hex', [address], types.string, e.span);
};

/** Functions of the runtime, by what they take and give. */
const rows: Readonly<Record<string, Row>> = {
  compare_strings: row(types.intType, [types.string, types.string], 'compare'),
  int_min: row(types.intType, [types.intType, types.intType], 'min', 'erlang'),
  int_max: row(types.intType, [types.intType, types.intType], 'max', 'erlang'),
  f64_abs: row(types.f64, [types.f64], 'magnitude', 'v_float'),
  f64_min: row(types.f64, [types.f64, types.f64], 'least', 'v_float'),
  f64_max: row(types.f64, [types.f64, types.f64], 'greatest', 'v_float'),
  f32_abs: row(types.f32, [types.f32], 'magnitude', 'v_float'),
  f32_min: row(types.f32, [types.f32, types.f32], 'least', 'v_float'),
  f32_max: row(types.f32, [types.f32, types.f32], 'greatest', 'v_float'),
  utf8_char_len: row(types.intType, [types.u8], 'char_length', 'v_words'),
  utf32_to_str: row(types.string, [types.u32], 'from_rune'),
  utf8_str_visible_length: row(types.intType, [types.string], 'visible_length', 'v_words'),
  flush_stdout: row(types.voidType, [], 'finish', 'v_rt'),
  flush_stderr: row(types.voidType, [], 'finish', 'v_rt'),
  unbuffer_stdout: row(types.voidType, [], 'finish', 'v_rt'),
};

const called =
  (name: string, found: Row): BuiltinFunction =>
  (f, e) => {
    const args = checkRowArgs(f, e, undefined, found.params, name);
    if (!args) return bad(e.span);
    return runtime(found.module, found.name, args, found.result, e.span);
  };

export const builtinFunctions: Readonly<Record<string, BuiltinFunction | undefined>> =
  Object.assign(Object.create(null) as Record<string, BuiltinFunction>, {
    println: printer('println'),
    print: printer('print'),
    eprintln: printer('eprintln'),
    eprint: printer('eprint'),
    panic,
    exit,
    isnil: isNil,
    arguments: without('v_os', 'arguments', types.arrayOf(types.string)),
    input_character: without('v_os', 'input_character', types.intType),
    // Nothing is buffered: what is printed is with the device before the call is over.
    flush_stdout: without('v_rt', 'finish', types.voidType),
    flush_stderr: without('v_rt', 'finish', types.voidType),
    ptr_str: ptrStr,
    _likely_: likely,
    _unlikely_: likely,
    ...Object.fromEntries(Object.entries(rows).map(([name, r]) => [name, called(name, r)])),
  });
