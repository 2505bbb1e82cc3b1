// Automatic `str()` of structs, references in them, and interfaces: what V shows of a value that
// can lead back to itself (its auto_str_methods.v).

import type { Span } from '../source.ts';
import type { SwitchCase, TBlock, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { isAnonymous } from './anonymous.ts';
import { deref, intConst, localRef, runtime, stringConst } from './expressions.ts';
import { boxedTypes, implementsInterface } from './interfaces.ts';
import type { Program } from './program.ts';
import { concat, errorShown, returning, textOf } from './str.ts';

/** A struct shown deeper than this is taken for one that contains itself. */
const indentMax = 20;

function deeper(indent: TExpr, span: Span): TExpr {
  return runtime('erlang', '+', [indent, intConst(1, span)], types.intType, span);
}

export function structText(
  p: Program,
  type: types.StructType,
  value: TExpr,
  indent: TExpr,
  span: Span,
): TExpr {
  const name = isAnonymous(type) ? 'struct ' : type.name;
  if (type.fields.length === 0) return stringConst(`${name}{}`, span);
  const margin = runtime('v_string', 'margin', [indent], types.string, span);
  const parts: TExpr[] = [stringConst(`${name}{\n`, span)];
  for (const [index, field] of type.fields.entries()) {
    if (field.decl?.attributes.some((a) => a.name === 'str' && a.value === 'skip')) continue;
    const read: TExpr = { kind: 'field', value, index, type: field.type, span };
    const amp = isReference(payloadType(field.type)) ? '&' : '';
    const label = stringConst(`    ${field.name}: ${amp}`, span);
    parts.push(margin, label, fieldText(p, type, read, indent, span), stringConst('\n', span));
  }
  parts.push(margin, stringConst('}', span));
  const whole = concat(parts, span);
  if (recurses(type)) return whole;
  const condition: TExpr = {
    kind: 'compare',
    op: '>',
    left: indent,
    right: intConst(indentMax, span),
    type: types.bool,
    span,
  };
  return {
    kind: 'if',
    condition,
    whenTrue: { stmts: [], value: stringConst('<circular>', span) },
    otherwise: { stmts: [], value: whole },
    type: types.string,
    span,
  };
}

/** `@[autostr: allowrecurse]` */
function recurses(type: types.StructType): boolean {
  return type.decl.attributes.some((a) => a.name === 'autostr' && a.value === 'allowrecurse');
}

function isReference(type: Type): boolean {
  return types.unalias(type).kind === 'ref';
}

function payloadType(type: Type): Type {
  const t = types.unalias(type);
  return t.kind === 'option' ? t.inner : type;
}

function pointee(type: Type): Type {
  const t = types.unalias(type);
  return t.kind === 'ref' ? pointee(t.inner) : t;
}

function fieldText(
  p: Program,
  owner: types.StructType,
  read: TExpr,
  indent: TExpr,
  span: Span,
): TExpr {
  const inner = payloadType(read.type);
  const isOption = inner !== read.type;
  const t = types.unalias(inner);
  const circular = stringConst('<circular>', span);
  const followed = recurses(owner);
  if (!followed && t.kind === 'ref' && !isOption && pointee(t) === owner)
    return runtime('v_autostr', 'nil_or', [read, circular], types.string, span);
  if (!followed && !isOption && (t.kind === 'array' || t.kind === 'fixed')) {
    if (pointee(t.element) === owner) {
      const count = runtime('v_array', 'len', [read], types.intType, span);
      return runtime('v_autostr', 'circular_array', [count], types.string, span);
    }
  }
  if (t.kind === 'ref' && !isOption)
    return runtime(
      'v_autostr',
      'pointer',
      [read, pointerText(p, inner, deeper(indent, span), span)],
      types.string,
      span,
    );
  if (t.kind === 'ref') return optionPointer(p, read, inner, indent, span);
  const within = isAnonymous(t) && !isOption ? intConst(0, span) : deeper(indent, span);
  return textOf(p, read, true, within, span);
}

function optionPointer(p: Program, read: TExpr, inner: Type, indent: TExpr, span: Span): TExpr {
  const condition: TExpr = {
    kind: 'test',
    value: read,
    tags: ['some'],
    of: 'option',
    type: types.bool,
    span,
  };
  const payload: TExpr = { kind: 'unwrap', value: read, type: inner, span };
  const shown = runtime(
    'v_autostr',
    'option_pointer',
    [payload, pointerText(p, inner, deeper(indent, span), span)],
    types.string,
    span,
  );
  return {
    kind: 'if',
    condition,
    whenTrue: { stmts: [], value: shown },
    otherwise: { stmts: [], value: stringConst('Option(none)', span) },
    type: types.string,
    span,
  };
}

/** `fn (reference) string`: the text of what it leads to. */
function pointerText(p: Program, type: Type, indent: TExpr, span: Span): TExpr {
  return textClosure(p, type, indent, span, (value, inner) =>
    textOf(p, deref(value), true, inner, span),
  );
}

function textClosure(
  p: Program,
  type: Type,
  indent: TExpr,
  span: Span,
  text: (value: TExpr, indent: TExpr) => TExpr,
): TExpr {
  const param = p.newLocal('element', type, span);
  const level = p.newLocal('level', types.intType, span);
  const closure: TExpr = {
    kind: 'closure',
    params: [param],
    outs: [],
    body: returning(text(localRef(param, span), localRef(level, span)), span),
    result: types.string,
    captures: [{ outer: level, inner: level }],
    type: types.voidType,
    span,
  };
  const keep = { kind: 'let', local: level, value: indent, span } as const;
  return { kind: 'block', body: { stmts: [keep], value: closure }, type: types.voidType, span };
}

// --- interfaces ----------------------------------------------------------------------------------

export function interfaceText(
  p: Program,
  type: types.InterfaceType,
  value: TExpr,
  indent: TExpr,
  span: Span,
): TExpr {
  const held = boxedTypes(p).filter((t) => implementsInterface(p, t, type) === undefined);
  const cases: SwitchCase[] = held.map((t) => {
    const payload: TExpr = { kind: 'unwrap', value, type: t, span };
    const tag: TExpr = { kind: 'atom', name: t.name, type: types.noneType, span };
    return { values: [tag], body: { stmts: [], value: heldText(p, type, payload, indent, span) } };
  });
  const subject = runtime('erlang', 'element', [intConst(1, span), value], types.noneType, span);
  const unknown: TBlock = { stmts: [], value: stringConst('unknown interface value', span) };
  const shown: TExpr = {
    kind: 'switch',
    subject,
    cases,
    otherwise: unknown,
    type: types.string,
    span,
  };
  const nil: TExpr = { kind: 'atom', name: 'nil', type, span };
  return {
    kind: 'if',
    condition: { kind: 'compare', op: '==', left: value, right: nil, type: types.bool, span },
    whenTrue: { stmts: [], value: stringConst('nil', span) },
    otherwise: { stmts: [], value: shown },
    type: types.string,
    span,
  };
}

function heldText(
  p: Program,
  type: types.InterfaceType,
  payload: TExpr,
  indent: TExpr,
  span: Span,
): TExpr {
  if (type === types.errorInterface) return errorShown(p, payload.type, payload, indent, span);
  const t = types.unalias(payload.type);
  if (t.kind === 'array' && types.unalias(t.element) === type)
    return stringConst('<circular>', span);
  const boxed = (inner: TExpr, level: TExpr): TExpr => {
    const text = textOf(p, inner, true, level, span);
    return concat([stringConst(`${type.name}(`, span), text, stringConst(')', span)], span);
  };
  if (t.kind !== 'ref') return boxed(payload, indent);
  const closure = textClosure(p, payload.type, indent, span, (v, level) => boxed(deref(v), level));
  return runtime('v_autostr', 'pointer', [payload, closure], types.string, span);
}
