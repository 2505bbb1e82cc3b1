// Automatic `str()`: the text of any value as println and interpolation show it, decided by its
// static type.

import type { Span } from '../source.ts';
import type { FnInstance, Local, SwitchCase, TBlock, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { deref, intConst, localRef, runtime, stringConst } from './expressions.ts';
import { mangle, methodCall } from './functions.ts';
import { dispatcherFor } from './interfaces.ts';
import { findMethod } from './members.ts';
import type { Program } from './program.ts';
import { interfaceText, structText } from './str_members.ts';

/** The text of `value`. With `quoted`, strings stand in quotes, as inside arrays and structs. */
export function strCall(f: FnContext, value: TExpr, quoted = false): TExpr {
  return textOf(f.program, value, quoted, intConst(0, value.span), value.span);
}

export function concat(parts: readonly TExpr[], span: Span): TExpr {
  return { kind: 'concat', parts, type: types.string, span };
}

export function textOf(
  p: Program,
  value: TExpr,
  quoted: boolean,
  indent: TExpr,
  span: Span,
): TExpr {
  const own = ownStr(p, value, span);
  if (own) return own;
  return automaticText(p, value, quoted, indent, span);
}

/** What an option or array shows of an interface, whatever `str()` the interface asks for. */
function partText(p: Program, value: TExpr, indent: TExpr, span: Span): TExpr {
  return types.unalias(value.type).kind === 'interface' && value.type !== types.errorInterface
    ? automaticText(p, value, true, indent, span)
    : textOf(p, value, true, indent, span);
}

function automaticText(
  p: Program,
  value: TExpr,
  quoted: boolean,
  indent: TExpr,
  span: Span,
): TExpr {
  const { type } = value;
  const t = types.unalias(type);
  if (t === types.string && type.kind !== 'alias') {
    if (!quoted) return value;
    const quote = stringConst("'", span);
    return concat([quote, value, quote], span);
  }
  const direct = primitiveText(t, value, quoted, span);
  // A named function type is no alias to V.
  if (direct && (type.kind !== 'alias' || !quoted || t.kind === 'fn')) return direct;
  const fn = strFunction(p, type, span);
  const args = [value, indent].map((v) => ({ kind: 'value', value: v }) as const);
  return { kind: 'call', fn, args, type: types.string, span };
}

/** A user's `fn (x T) str() string`. */
function ownStr(p: Program, value: TExpr, span: Span): TExpr | undefined {
  const base = types.strip(value.type);
  if (base.kind === 'interface' && base !== types.errorInterface) {
    const method = base.methods.find((m) => m.name === 'str' && m.type.params.length === 0);
    if (!method || method.mut) return undefined;
    const fn = dispatcherFor(p, base, method);
    const args = [{ kind: 'value', value: deref(value) } as const];
    return { kind: 'call', fn, args, type: types.string, span };
  }
  const found = findMethod(p, value.type, 'str');
  if (found?.params.length !== 1 || found.path.length > 0) return undefined;
  if (types.unalias(value.type).kind === 'interface') return undefined;
  const wantsRef = types.unalias(found.params[0]?.type ?? value.type).kind === 'ref';
  const isRef = types.unalias(value.type).kind === 'ref';
  if (wantsRef === isRef) return methodCall(p, found, [value], span);
  const type = types.refOf(value.type);
  const adapted: TExpr = wantsRef ? { kind: 'newCell', value, type, span } : deref(value);
  return methodCall(p, found, [adapted], span);
}

function primitiveText(t: Type, value: TExpr, quoted: boolean, span: Span): TExpr | undefined {
  const rt = (module: string, name: string): TExpr =>
    runtime(module, name, [value], types.string, span);
  switch (t.kind) {
    case 'int': {
      if (value.kind === 'int' && t !== types.rune)
        return stringConst(value.value.toString(), span);
      if (t !== types.rune) return rt('erlang', 'integer_to_binary');
      return quoted ? rt('v_string', 'quoted_rune') : rt('v_string', 'from_rune');
    }
    case 'float':
      return rt('v_float', t.bits === 32 ? 'str32' : 'str');
    case 'bool':
      return rt('erlang', 'atom_to_binary');
    case 'string':
      return quoted ? undefined : ({ ...value, type: types.string } as TExpr);
    case 'none':
      return stringConst('none', span);
    case 'nil':
      return stringConst('nil', span);
    case 'fn':
      return stringConst(t.name, span);
    default:
      return undefined;
  }
}

/** The function `str TYPE(value, indent)`. */
function strFunction(p: Program, type: Type, span: Span): FnInstance {
  const key = `str ${type.name}`;
  const known = p.instances.get(key);
  if (known) return known;
  const value = p.newLocal('value', type, span);
  const indent = p.newLocal('indent', types.intType, span);
  const params = [value, indent];
  const instance: FnInstance = {
    name: mangle(key),
    displayName: key,
    params,
    outs: [],
    result: types.string,
    span,
    body: undefined,
  };
  p.instances.set(key, instance);
  const body: TBlock = returning(
    bodyFor(p, type, localRef(value, span), localRef(indent, span), span),
    span,
  );
  instance.body = body;
  if (types.unalias(type).kind === 'interface')
    p.lateBodies.push(() => {
      instance.body = returning(
        bodyFor(p, type, localRef(value, span), localRef(indent, span), span),
        span,
      );
    });
  return instance;
}

export function returning(value: TExpr, span: Span): TBlock {
  return { stmts: [{ kind: 'return', value, span }], value: undefined };
}

function bodyFor(p: Program, type: Type, value: TExpr, indent: TExpr, span: Span): TExpr {
  if (type.kind === 'alias') {
    const inner = textOf(p, { ...value, type: type.target } as TExpr, true, indent, span);
    return concat([stringConst(`${type.name}(`, span), inner, stringConst(')', span)], span);
  }
  switch (type.kind) {
    case 'array':
    case 'fixed': {
      // V indents what is in an array, and not what is in a fixed one.
      const level = type.kind === 'fixed' ? intConst(0, span) : indent;
      const element = elementText(p, type.element, level, span);
      return runtime('v_array', 'str', [value, element], types.string, span);
    }
    case 'map': {
      const key = elementText(p, type.key, indent, span);
      const item = elementText(p, type.value, indent, span);
      return runtime('v_map', 'str', [value, key, item], types.string, span);
    }
    case 'struct':
      return structText(p, type, value, indent, span);
    case 'enum':
      return enumText(type, value, span);
    case 'option':
    case 'result':
      return wrappedText(p, type, value, indent, span);
    case 'ref':
      return referenceText(p, type, value, indent, span);
    case 'shared': {
      const held = runtime('v_shared', 'read', [value], type.inner, span);
      return textOf(p, held, true, indent, span);
    }
    case 'sum':
      return taggedText(p, type.variants, value, type.name, indent, span);
    case 'interface':
      return interfaceText(p, type, value, indent, span);
    case 'thread':
      return stringConst(`thread(${type.inner.name})`, span);
    case 'tuple':
      return tupleText(p, type, value, indent, span);
    default:
      return stringConst(type.name, span);
  }
}

/** `fn (element) string` for the runtime. */
function elementText(p: Program, type: Type, indent: TExpr, span: Span): TExpr {
  const own = findMethod(p, type, 'str');
  const shownType = type.kind === 'alias' && !own ? types.unalias(type) : type;
  const param: Local = p.newLocal('element', shownType, span);
  const captures: { outer: Local; inner: Local }[] = [];
  let inner = indent;
  if (indent.kind === 'local') {
    const copy = p.newLocal('indent', types.intType, span);
    captures.push({ outer: indent.local, inner: copy });
    inner = localRef(copy, span);
  }
  const body = returning(partText(p, localRef(param, span), inner, span), span);
  return {
    kind: 'closure',
    params: [param],
    outs: [],
    body,
    result: types.string,
    captures,
    type: types.voidType,
    span,
  };
}

function enumText(type: types.EnumType, value: TExpr, span: Span): TExpr {
  if (type.flag) {
    const rows = [...type.values].map(([name, v]): TExpr => {
      const values = [intConst(v, span), stringConst(name, span)];
      return { kind: 'tuple', values, type: types.voidType, span };
    });
    const list: TExpr = { kind: 'list', values: rows, type: types.voidType, span };
    return runtime(
      'v_string',
      'flags',
      [stringConst(type.name, span), value, list],
      types.string,
      span,
    );
  }
  const seen = new Set<bigint>();
  const cases: SwitchCase[] = [];
  for (const [name, v] of type.values) {
    if (seen.has(v)) continue;
    seen.add(v);
    cases.push({
      values: [intConst(v, span)],
      body: { stmts: [], value: stringConst(name, span) },
    });
  }
  const otherwise: TBlock = { stmts: [], value: stringConst('unknown enum value', span) };
  return { kind: 'switch', subject: value, cases, otherwise, type: types.string, span };
}

function wrappedText(
  p: Program,
  type: types.WrapType,
  value: TExpr,
  indent: TExpr,
  span: Span,
): TExpr {
  const isOption = type.kind === 'option';
  const tags = [isOption ? 'some' : 'ok'];
  const of = isOption ? 'option' : 'result';
  const condition: TExpr = { kind: 'test', value, tags, of, type: types.bool, span };
  const name = isOption ? 'Option' : 'Result';
  const payload: TExpr = { kind: 'unwrap', value, type: type.inner, span };
  const inner =
    type.inner === types.voidType ? stringConst('', span) : partText(p, payload, indent, span);
  const whenTrue: TBlock = {
    stmts: [],
    value: concat([stringConst(`${name}(`, span), inner, stringConst(')', span)], span),
  };
  const error: TExpr = { kind: 'unwrap', value, type: types.errorInterface, span };
  const failed = isOption
    ? stringConst('Option(none)', span)
    : concat(
        [
          stringConst('Result(error: ', span),
          textOf(p, error, false, indent, span),
          stringConst(')', span),
        ],
        span,
      );
  const otherwise: TBlock = { stmts: [], value: failed };
  return { kind: 'if', condition, whenTrue, otherwise, type: types.string, span };
}

function referenceText(
  p: Program,
  type: types.WrapType,
  value: TExpr,
  indent: TExpr,
  span: Span,
): TExpr {
  const nil: TExpr = { kind: 'atom', name: 'nil', type, span };
  const condition: TExpr = {
    kind: 'compare',
    op: '==',
    left: value,
    right: nil,
    type: types.bool,
    span,
  };
  const target = deref(value);
  const inner = textOf(p, target, true, indent, span);
  const isStruct = types.unalias(target.type).kind === 'struct';
  const isFunction = types.unalias(target.type).kind === 'fn';
  const shown = isFunction ? inner : concat([stringConst('&', span), inner], span);
  return {
    kind: 'if',
    condition,
    whenTrue: { stmts: [], value: stringConst(isStruct ? '&nil' : '&nil', span) },
    otherwise: { stmts: [], value: shown },
    type: types.string,
    span,
  };
}

function taggedText(
  p: Program,
  held: readonly Type[],
  value: TExpr,
  name: string,
  indent: TExpr,
  span: Span,
): TExpr {
  const cases: SwitchCase[] = held.map((t) => {
    const payload: TExpr = { kind: 'unwrap', value, type: t, span };
    const text = boxedShown(p, name, payload, indent, span);
    const tag: TExpr = { kind: 'atom', name: t.name, type: types.noneType, span };
    return { values: [tag], body: { stmts: [], value: text } };
  });
  const subject = runtime('erlang', 'element', [intConst(1, span), value], types.noneType, span);
  const otherwise: TBlock = { stmts: [], value: stringConst(`${name}(unknown)`, span) };
  return { kind: 'switch', subject, cases, otherwise, type: types.string, span };
}

function boxedShown(p: Program, name: string, payload: TExpr, indent: TExpr, span: Span): TExpr {
  const text = textOf(p, payload, true, indent, span);
  return concat([stringConst(`${name}(`, span), text, stringConst(')', span)], span);
}

/** An error shows its own `str()`, or its type and message. */
export function errorShown(p: Program, t: Type, payload: TExpr, indent: TExpr, span: Span): TExpr {
  const msg = findMethod(p, t, 'msg');
  if (!msg || findMethod(p, t, 'str')?.path.length === 0)
    return textOf(p, payload, false, indent, span);
  const shown = types.strip(t).name;
  if (shown === 'Error') return methodText(p, msg, payload, span);
  return concat([stringConst(`${shown}: `, span), methodText(p, msg, payload, span)], span);
}

function methodText(
  p: Program,
  found: import('./members.ts').FoundMethod,
  value: TExpr,
  span: Span,
): TExpr {
  let self = deref(value);
  for (const field of found.path) {
    const owner = types.strip(self.type);
    const index = owner.kind === 'struct' ? owner.fields.indexOf(field) : 0;
    self = { kind: 'field', value: self, index, type: field.type, span };
  }
  return methodCall(p, found, [self], span);
}

function tupleText(
  p: Program,
  type: types.TupleType,
  value: TExpr,
  indent: TExpr,
  span: Span,
): TExpr {
  const parts: TExpr[] = [stringConst('(', span)];
  type.types.forEach((t, i) => {
    if (i > 0) parts.push(stringConst(', ', span));
    const read = runtime('erlang', 'element', [intConst(i + 1, span), value], t, span);
    parts.push(textOf(p, read, true, indent, span));
  });
  parts.push(stringConst(')', span));
  return concat(parts, span);
}
