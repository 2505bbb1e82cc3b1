// C interoperation: `fn C.open(path &char, flags int) int` and its calls, which become system calls
// (`vbeam_linux_syscall:dispatch/2`), C's constants, and `C.errno`.
//
// There are no addresses here. What V code passes as a pointer is looked at as it is written: text
// (`path.str`), the beginning of an array (`&buffer[0]`, `buffer.data`), or a struct (`&status`).
// Its bytes go to the call, and what the call has written comes back into the variable.

import { type CParameter, cConstants, cFunctions, cStructs } from '../../tables/linux_syscalls.ts';
import type { CallExpr, Expr, FnDecl, SelectorExpr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { Local, Place, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { coerce, settle } from './convert.ts';
import { bad, checkValue, intConst, localRef, runtime } from './expressions.ts';
import { placeOf, throughReferences } from './places.ts';
import type { Program } from './program.ts';
import { cPointerFunction } from './text_pointers.ts';

const term: Type = types.noneType;

export function declareC(p: Program, d: FnDecl): void {
  if (!p.cFunctions.has(d.name)) p.cFunctions.set(d.name, d);
}

/** `C.O_RDONLY`, `C.errno` */
export function cValue(f: FnContext, e: SelectorExpr): TExpr {
  if (e.name === 'errno') return runtime('v_c', 'errno', [], types.intType, e.span);
  const value = Object.hasOwn(cConstants, e.name) ? cConstants[e.name] : undefined;
  if (value !== undefined) return intConst(value, e.span);
  f.error(`\`C.${e.name}\` does not exist on BEAM`, e.span);
  return bad(e.span);
}

/** A piece of memory that a call reads, and how what it writes comes back. */
interface Memory {
  readonly bytes: TExpr;
  readonly store: ((written: TExpr) => TStmt) | undefined;
}

export function callC(f: FnContext, e: CallExpr, name: string): TExpr {
  const declared = f.program.cFunctions.get(name);
  const known = Object.hasOwn(cFunctions, name) ? cFunctions[name] : undefined;
  // What C does with memory is done with pointers into arrays and texts.
  const onMemory = cPointerFunction(f, e, name);
  if (onMemory && (declared || f.program.unitAt(e.span).library)) return onMemory;
  if (!declared || !known) {
    for (const a of e.args) if (!isPointerLike(a.value)) checkValue(f, a.value);
    const why = declared
      ? `C function \`C.${name}\` does not exist on BEAM`
      : `unknown function: C.${name}`;
    f.error(why, e.span);
    return bad(e.span);
  }
  const { parameters } = known;
  const needed = parameters.filter((x) => x !== 'mode').length;
  if (e.args.length < needed || e.args.length > parameters.length) {
    f.error(
      `expected ${needed} argument${needed === 1 ? '' : 's'}, but got ${e.args.length}`,
      e.span,
    );
    return bad(e.span);
  }
  const stores: ((written: TExpr) => TStmt)[] = [];
  const args = parameters.map((kind, i) => {
    const arg = e.args[i]?.value;
    if (!arg) return intConst(0, e.span);
    if (kind === 'int' || kind === 'mode') return numberArg(f, arg, declared, i);
    const memory = memoryArg(f, arg, kind);
    if (memory.store) stores.push(memory.store);
    return memory.bytes;
  });
  return dispatched(f, e, declared, known.number, args, stores);
}

function dispatched(
  f: FnContext,
  e: CallExpr,
  declared: FnDecl,
  number: number,
  args: readonly TExpr[],
  stores: readonly ((written: TExpr) => TStmt)[],
): TExpr {
  const { span } = e;
  const { result } = declared.signature;
  const type = result ? f.program.resolve(result, new Map()) : types.voidType;
  if (type !== types.voidType && types.unalias(type).kind !== 'int') {
    if (type !== types.errorType)
      f.error(`\`${type.name}\` is no result of a C function on BEAM: only numbers are`, span);
    return bad(span);
  }
  const list: TExpr = { kind: 'list', values: args, type: term, span };
  const call = [intConst(number, span), list];
  const answer = f.temporary('answer', term, span);
  const stmts: TStmt[] = [
    {
      kind: 'let',
      local: answer,
      value: runtime('vbeam_linux_syscall', 'dispatch', call, term, span),
      span,
    },
  ];
  stores.forEach((store, i) => {
    const part = [localRef(answer, span), intConst(i, span)];
    stmts.push(store(runtime('v_c', 'memory', part, term, span)));
  });
  const returned = runtime('v_c', 'returned', [localRef(answer, span)], types.i64, span);
  if (type === types.voidType) {
    stmts.push({ kind: 'expr', value: returned, span });
    return { kind: 'block', body: { stmts, value: undefined }, type, span };
  }
  const value: TExpr = { kind: 'convert', value: returned, type, span };
  return { kind: 'block', body: { stmts, value }, type, span };
}

function numberArg(f: FnContext, arg: Expr, declared: FnDecl, index: number): TExpr {
  const value = settle(checkValue(f, arg));
  if (value.type === types.errorType) return value;
  const t = types.unalias(value.type);
  const number = t.kind === 'enum' ? { ...value, type: t.base } : value;
  const node = declared.signature.params[index];
  const wanted = node && !node.variadic ? f.program.resolve(node.type, new Map()) : number.type;
  const fitting = types.unalias(wanted).kind === 'int' ? coerce(f, number, wanted) : number;
  if (t.kind !== 'int' && t.kind !== 'enum' && t.kind !== 'nil') {
    f.error(
      `cannot use \`${value.type.name}\` as \`${wanted.name}\` in argument ${index + 1} ` +
        `to \`C.${declared.name}\``,
      arg.span,
    );
    return bad(arg.span);
  }
  if (t.kind === 'nil') return intConst(0, arg.span);
  return fitting ?? number;
}

// --- memory --------------------------------------------------------------------------------------

/** What stands inside parentheses, `unsafe` and casts between pointer types. */
function inner(e: Expr): Expr {
  if (e.kind === 'paren') return inner(e.inner);
  if (e.kind === 'cast') return inner(e.value);
  if (e.kind === 'unsafe') {
    const [only] = e.body.stmts;
    return e.body.stmts.length === 1 && only?.kind === 'expr' ? inner(only.value) : e;
  }
  if (e.kind === 'prefix' && e.operator === '&' && isCastCall(e.value)) return inner(e.value);
  const [arg] = e.kind === 'call' ? e.args : [];
  return isCastCall(e) && arg ? inner(arg.value) : e;
}

function isCastCall(e: Expr): boolean {
  if (e.kind !== 'call' || e.callee.kind !== 'ident' || e.args.length !== 1) return false;
  return /^(char|u8|byte|i8|int|u32|i32|u64|i64|usize|voidptr|charptr|byteptr)$/.test(
    e.callee.name,
  );
}

function isPointerLike(e: Expr): boolean {
  const i = inner(e);
  return (i.kind === 'prefix' && i.operator === '&') || i.kind === 'selector';
}

function memoryArg(f: FnContext, arg: Expr, kind: CParameter): Memory {
  const e = inner(arg);
  if (e.kind === 'nil' || (e.kind === 'number' && e.text === '0')) return nothing(arg.span);
  const pointed = e.kind === 'prefix' && e.operator === '&' ? inner(e.value) : undefined;
  const target = pointed && firstElement(pointed);
  if (kind === 'out') return written(f, target ?? dataOf(e) ?? pointed ?? e);
  const value = settle(checkValue(f, target ?? textOf(e) ?? dataOf(e) ?? pointed ?? e));
  return { bytes: bytesOf(f, value, arg.span), store: undefined };
}

function nothing(span: Span): Memory {
  const bytes: TExpr = { kind: 'string', bytes: '', type: types.string, span };
  return { bytes, store: undefined };
}

/** `a` of `a[0]` */
function firstElement(e: Expr): Expr | undefined {
  const isFirst = e.kind === 'index' && e.index.kind === 'number' && e.index.text === '0';
  return isFirst ? e.value : undefined;
}

/** `a` of `a.data`, the beginning of an array's elements */
function dataOf(e: Expr): Expr | undefined {
  return e.kind === 'selector' && e.name === 'data' ? e.value : undefined;
}

/** `s` of `s.str`, the bytes of a string */
function textOf(e: Expr): Expr | undefined {
  return e.kind === 'selector' && e.name === 'str' ? e.value : undefined;
}

function bytesOf(f: FnContext, value: TExpr, span: Span): TExpr {
  const t = types.unalias(value.type);
  if (t === types.string || t === types.errorType) return value;
  if (t.kind === 'ref') {
    const place: Place = { kind: 'target', reference: value, type: t.inner, span };
    return bytesOf(f, { kind: 'place', place, type: t.inner, span }, span);
  }
  const element = elementBytes(t);
  if (element !== undefined)
    return runtime('v_c', 'bytes', [value, intConst(element, span)], term, span);
  const layout = layoutOf(f, t, span);
  if (layout)
    return runtime(
      'v_c',
      'struct',
      [value, intConst(layout.bytes, span), layout.fields],
      term,
      span,
    );
  return notMemory(f, t, span);
}

function notMemory(f: FnContext, t: Type, span: Span): TExpr {
  if (t !== types.errorType)
    f.error(`\`${t.name}\` cannot be passed to a C function as memory on BEAM`, span);
  return bad(span);
}

/** Bytes of an element when the type is an array of integers. */
function elementBytes(t: Type): number | undefined {
  if (t.kind !== 'array' && t.kind !== 'fixed') return undefined;
  const element = types.unalias(t.element);
  return element.kind === 'int' ? element.bits / 8 : undefined;
}

function written(f: FnContext, e: Expr): Memory {
  const { span } = e;
  const found = placeOf(f, e);
  if (!found) {
    f.error('a C function can only write to a variable on BEAM', span);
    return nothing(span);
  }
  if (found.type === types.errorType) return nothing(span);
  for (let at: Place = found; at.kind === 'local' || at.kind === 'field'; ) {
    if (at.kind === 'local') {
      markUsed(at.local);
      break;
    }
    at = at.base;
  }
  const place = throughReferences(found, span);
  const t = types.unalias(place.type);
  const old: TExpr = { kind: 'place', place, type: place.type, span };
  const element = elementBytes(t);
  if (element !== undefined && (t.kind === 'array' || t.kind === 'fixed')) {
    const item = types.unalias(t.element) as types.IntType;
    const sign: TExpr = {
      kind: 'atom',
      name: item.signed ? 'signed' : 'unsigned',
      type: term,
      span,
    };
    const size = intConst(element, span);
    const store = (memory: TExpr): TStmt => {
      const value = runtime('v_c', 'overwritten', [old, memory, size, sign], place.type, span);
      return { kind: 'assign', place, value, span };
    };
    return { bytes: runtime('v_c', 'bytes', [old, size], term, span), store };
  }
  const layout = layoutOf(f, t, span);
  if (!layout) return { bytes: notMemory(f, t, span), store: undefined };
  const bytes = runtime(
    'v_c',
    'struct',
    [old, intConst(layout.bytes, span), layout.fields],
    term,
    span,
  );
  const store = (memory: TExpr): TStmt => {
    const value = runtime('v_c', 'filled', [old, memory, layout.fields], place.type, span);
    return { kind: 'assign', place, value, span };
  };
  return { bytes, store };
}

function markUsed(local: Local): void {
  local.used = true;
}

interface Layout {
  readonly bytes: number;
  /** `[{Index, Offset, Bytes}]` */
  readonly fields: TExpr;
}

/** Where the fields of a C struct lie that V code has declared. */
function layoutOf(f: FnContext, t: Type, span: Span): Layout | undefined {
  if (t.kind !== 'struct' || !t.name.startsWith('C.')) return undefined;
  const name = t.name.slice(2);
  const known = Object.hasOwn(cStructs, name) ? cStructs[name] : undefined;
  if (!known) return undefined;
  const rows = t.fields.flatMap((field, i): TExpr[] => {
    const place = Object.hasOwn(known.fields, field.name) ? known.fields[field.name] : undefined;
    const type = types.unalias(field.type);
    if (!place || type.kind !== 'int') {
      f.error(`\`${t.name}\` has no field \`${field.name} ${field.type.name}\` on BEAM`, span);
      return [];
    }
    const bytes = Math.min(place[1], type.bits / 8);
    const values = [i, place[0], bytes].map((n) => intConst(n, span));
    return [{ kind: 'tuple', values, type: term, span }];
  });
  return { bytes: known.bytes, fields: { kind: 'list', values: rows, type: term, span } };
}
