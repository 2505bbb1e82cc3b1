// Explicit casts `T(x)`: what V allows (docs.md, "Type casting" and the checker's rules in the
// order it asks them) and the typed node that converts.

import type { CallExpr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Local, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { itemNamed } from './comptime_items.ts';
import type { FnContext } from './context.ts';
import { coerce, mapOption, settle, zeroValue } from './convert.ts';
import { bad, checkExpr, intConst, localRef, runtime } from './expressions.ts';
import { addressOfLocal, castPointer } from './references.ts';
import { payloadOf } from './smartcasts.ts';
import { structTag } from './structs.ts';

export function checkCast(f: FnContext, to: Type, value: TExpr, span: Span): TExpr {
  const from = types.unalias(value.type);
  if (to === types.errorType || from === types.errorType) return bad(span);
  if (from === types.voidType) {
    f.error('expression does not return a value so it cannot be cast', span);
    return bad(span);
  }
  if (types.unalias(to).kind === 'result') {
    f.error('casting to Result type is forbidden', span);
    return bad(span);
  }
  checkEnumCast(f, to, value, span);
  const converted = castable(f, value, to);
  if (converted) return { ...converted, span } as TExpr;
  f.error(whyNot(f, value, to), span);
  return bad(span);
}

/** Numbers that are no value of the enum would do harm, so only `unsafe` makes enums of numbers. */
function checkEnumCast(f: FnContext, to: Type, value: TExpr, span: Span): void {
  const exempt = f.insideUnsafe || f.program.unitAt(span).library;
  if (exempt || types.unalias(to).kind !== 'enum' || !types.isInteger(value.type)) return;
  f.error('casting numbers to enums, should be done inside `unsafe{}` blocks', span);
}

function castable(f: FnContext, value: TExpr, to: Type): TExpr | undefined {
  const pointer = castPointer(f, value, to);
  if (pointer) return pointer;
  const constant = constantCast(value, to);
  if (constant) return constant;
  const target = types.unalias(to);
  if (target.kind === 'option') return castToOption(f, value, to, target.inner);
  const converted = coerce(f, sharedVariable(value, target), to);
  if (converted) return converted;
  const from = types.unalias(value.type);
  const { span } = value;
  if (target.kind === 'ref') {
    const inner = coerce(f, value, target.inner);
    return inner && { kind: 'newCell', value: inner, type: to, span };
  }
  if (target.kind === 'struct' && from.kind === 'struct')
    return sameSignature(from, target) ? retagged(settle(value), to, target) : undefined;
  if (target.kind === 'fn' && from.kind === 'fn')
    return f.insideUnsafe ? ({ ...value, type: to } as TExpr) : undefined;
  return castNumber(value, to);
}

/** An interface through which things change refers to the variable that it is made of. */
function sharedVariable(value: TExpr, target: Type): TExpr {
  if (target.kind !== 'interface' || value.kind !== 'local' || !value.local.mut) return value;
  const changes = [...target.fields, ...target.methods].some((x) => x.mut);
  if (!changes || types.unalias(value.type).kind !== 'struct') return value;
  return addressOfLocal(value.local, value.span);
}

/** Literals are converted while compiling. */
function constantCast(value: TExpr, to: Type): TExpr | undefined {
  const target = types.unalias(to);
  const { span } = value;
  if (target.kind !== 'int') return undefined;
  if (value.kind === 'float' && Number.isFinite(value.value)) {
    const whole = BigInt(Math.trunc(value.value));
    return { kind: 'int', value: floatLimited(whole, target), type: to, span };
  }
  if (value.kind !== 'int') return undefined;
  return { kind: 'int', value: types.wrapToType(value.value, target), type: to, span };
}

/** V defines the conversion to `u64` for every float; the rest of C's is left to the machine. */
function floatLimited(whole: bigint, type: types.IntType): bigint {
  const { low, high } = types.intRange(type);
  if (type.bits < 64) return types.wrapToType(whole, type);
  return whole < low ? low : whole > high ? high : whole;
}

function castNumber(value: TExpr, to: Type): TExpr | undefined {
  const target = types.unalias(to);
  const from = types.unalias(value.type);
  const settled = settle(value);
  const { span } = value;
  const numeric = target.kind === 'int' || target.kind === 'float';
  const toNumber = numeric && (types.isNumber(from) || from.kind === 'enum');
  const toEnum = target.kind === 'enum' && types.isInteger(from);
  if (toNumber || toEnum) return { kind: 'convert', value: settled, type: to, span };
  if (numeric && from === types.bool) return zeroOrOne(value, to);
  return undefined;
}

function zeroOrOne(value: TExpr, to: Type): TExpr {
  const { span } = value;
  const number = (n: number): TExpr =>
    types.isFloat(to) ? { kind: 'float', value: n, type: to, span } : intConst(n, span, to);
  const whenTrue = { stmts: [], value: number(1) };
  const otherwise = { stmts: [], value: number(0) };
  return { kind: 'if', condition: value, whenTrue, otherwise, type: to, span };
}

// --- options -------------------------------------------------------------------------------------

function some(value: TExpr, to: Type): TExpr {
  return { kind: 'wrap', wrap: { kind: 'some' }, value, type: to, span: value.span };
}

/** `?T(x)`: of `none`, of another option (its value is cast), or of what can be cast to T. */
function castToOption(f: FnContext, value: TExpr, to: Type, inner: Type): TExpr | undefined {
  const asItIs = coerce(f, value, to);
  if (asItIs) return asItIs;
  const from = types.unalias(value.type);
  const { span } = value;
  if (from.kind !== 'option') {
    // Only as an option may a number become a bool.
    if (types.unalias(inner) === types.bool && types.isNumber(from)) return some(truth(value), to);
    const payload = castable(f, value, inner);
    return payload && some(payload, to);
  }
  const held: Local = f.temporary('option', value.type, span);
  const payload = castable(f, payloadOf(localRef(held, span), from.inner, span), inner);
  if (!payload) return undefined;
  return mapOption(held, value, some(payload, to), to);
}

function truth(value: TExpr): TExpr {
  const left = settle(value);
  const { span } = value;
  const right: TExpr = types.isFloat(left.type)
    ? { kind: 'float', value: 0, type: left.type, span }
    : intConst(0, span, left.type);
  return { kind: 'compare', op: '!=', left, right, type: types.bool, span };
}

// --- structs -------------------------------------------------------------------------------------

/** Structs with the same fields in the same order convert into each other. */
function sameSignature(a: types.StructType, b: types.StructType): boolean {
  return (
    a.fields.length === b.fields.length &&
    a.fields.every((x, i) => {
      const y = b.fields[i];
      return y !== undefined && x.name === y.name && x.type === y.type;
    })
  );
}

function retagged(value: TExpr, to: Type, target: types.StructType): TExpr {
  const { span } = value;
  const tag: TExpr = { kind: 'atom', name: structTag(target), type: types.noneType, span };
  return runtime('erlang', 'setelement', [intConst(1, span), value, tag], to, span);
}

// --- refusals ------------------------------------------------------------------------------------

function textOf(f: FnContext, span: Span): string {
  return f.program.textOf(span);
}

/** V's words for a cast that it does not make. */
function whyNot(f: FnContext, value: TExpr, to: Type): string {
  const target = types.unalias(to);
  const from = types.unalias(value.type);
  const source = textOf(f, value.span);
  const ft = value.type.name;
  const tt = to.name;
  if (target.kind === 'sum') return `cannot cast \`${ft}\` to \`${tt}\``;
  if (to.kind === 'alias' && from !== types.string)
    return `cannot cast \`${ft}\` to \`${tt}\` (alias to \`${target.name}\`)`;
  if (target.kind === 'struct') {
    if (from.kind === 'struct') return `cannot convert struct \`${ft}\` to struct \`${tt}\``;
    return `cannot cast \`${ft}\` to struct`;
  }
  if (target.kind === 'interface' && from.kind !== 'option' && from.kind !== 'result')
    return (
      `\`${ft}\` does not implement interface \`${tt}\`, cannot cast \`${ft}\` ` +
      `to interface \`${tt}\``
    );
  if (target === types.bool) return 'cannot cast to bool - use e.g. `some_int != 0` instead';
  if (from === types.noneType) return `cannot cast \`none\` to \`${tt}\``;
  if (from.kind === 'struct') return `cannot cast struct \`${ft}\` to \`${tt}\``;
  if (from.kind === 'option') return 'cannot type cast an Option';
  if (from.kind === 'result') return 'cannot type cast a Result';
  if (target === types.string) return notAString(value.type, source);
  if (from === types.string) return stringCast(target, source, tt);
  if (from.kind === 'array') return `cannot cast array \`${ft}\` to \`${tt}\``;
  if ((from.kind === 'sum' || from.kind === 'interface') && target.kind !== 'ref') {
    const kind = from.kind === 'sum' ? 'sum type' : 'interface';
    return `cannot cast \`${ft}\` ${kind} value to \`${tt}\`, use \`${source} as ${tt}\` instead`;
  }
  if (from.kind === 'fn' && target.kind === 'fn')
    return (
      'casting a function value from one function signature, to another function signature, ' +
      'should be done inside `unsafe{}` blocks'
    );
  if (target.kind === 'fn') return 'invalid casting value to function';
  if (from.kind === 'fn') return `cannot cast function \`${source}\` to \`${tt}\``;
  return `cannot cast type \`${ft}\` to \`${tt}\``;
}

function stringCast(target: Type, source: string, tt: string): string {
  if (target === types.rune)
    return `cannot cast \`string\` to rune, use \`${source}.runes()\` instead.`;
  if (types.isNumber(target))
    return `cannot cast string to \`${tt}\`, use \`${source}.${target.name}()\` instead.`;
  return `cannot cast string to \`${tt}\``;
}

function notAString(type: Type, source: string): string {
  const from = types.unalias(type);
  if (from === types.u8 || from === types.bool)
    return `cannot cast type \`${type.name}\` to string, use \`${source}.str()\` instead.`;
  if (from.kind === 'ref')
    return (
      `cannot cast pointer type \`${type.name}\` to string, use \`&u8(${source}).vstring()\` ` +
      `or \`cstring_to_vstring(${source})\` instead.`
    );
  if (types.isNumber(from)) return `cannot cast number to string, use \`${source}.str()\` instead.`;
  if (type.kind === 'alias')
    return `cannot cast type \`${type.name}\` to string, use \`x.str()\` instead.`;
  if (from.kind === 'array') {
    return from.element === types.u8
      ? `cannot cast []u8 to string, use \`${source}.bytestr()\` or \`${source}.str()\` instead.`
      : `cannot cast array to string, use \`${source}[0].str()\` instead.`;
  }
  if (from.kind === 'enum') return `cannot cast enum to string, use ${source}.str() instead.`;
  if (from.kind === 'map') return 'cannot cast map to string.';
  if (from.kind === 'sum')
    return `cannot cast sumtype \`${type.name}\` to string, use \`${source}.str()\` instead.`;
  if (from.kind === 'fn') return `cannot cast function \`${source}\` to string`;
  return `cannot cast \`${type.name}\` to string`;
}

/** `T(x)` written as a call. */
export function castCall(f: FnContext, e: CallExpr, target: Type): TExpr {
  const [arg] = e.args;
  if (!arg || e.args.length !== 1) {
    f.error(`expected 1 argument, but got ${e.args.length}`, e.span);
    return bad(e.span);
  }
  const item = itemNamed(f, arg.value);
  // `Sum(v)` in a loop over variants is the variant's default value.
  if (item?.record.type.name === 'VariantData' && item.type)
    return checkCast(f, target, zeroValue(f, item.type, e.span), e.span);
  return checkCast(f, target, checkExpr(f, arg.value, target), e.span);
}
