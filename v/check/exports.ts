// What a V module offers to Erlang: functions with `@[export: 'name']`, and the callbacks of a
// struct with `@[behaviour: 'gen_server']` (behaviours.ts). Each becomes an exported Erlang
// function that converts its arguments, calls the V function and converts the result.

import type { Attribute, Decl, FnDecl } from '../ast.ts';
import type { Span } from '../source.ts';
import type { FnInstance, Local, ModuleAttribute, TBlock, TExpr } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { behaviourExports, behaviourOf } from './behaviours.ts';
import { localRef, runtime } from './expressions.ts';
import { decoded, encoded } from './externals.ts';
import { instanceOf } from './functions.ts';
import type { Program } from './program.ts';
import { schemaOf } from './schemas.ts';

/** The module of a program that does not name its own. */
const defaultModule = 'v.main';
/** Functions of every compiled module. */
const taken: readonly string[] = ['main/0', 'init constants/0', 'module_info/0', 'module_info/1'];

/** `@[erlang_module: 'name'] module main` */
export function erlangModule(p: Program, decls: readonly Decl[]): string {
  for (const d of decls) {
    if (d.kind !== 'module') continue;
    const attribute = d.attributes.find((a) => a.name === 'erlang_module');
    const name = attribute?.value;
    if (attribute === undefined) continue;
    if (name !== undefined && /^[a-z][\w.@]{0,200}$/.test(name)) return name;
    p.error('`@[erlang_module]` needs the name of an Erlang module', attribute.span);
  }
  return defaultModule;
}

/** An Erlang function around V code. Its parameters and its result are terms. */
export function wrapper(
  p: Program,
  name: string,
  params: readonly string[],
  span: Span,
  body: (params: readonly Local[]) => TBlock,
): FnInstance {
  const locals = params.map((q) => p.newLocal(q, types.noneType, span));
  return {
    name,
    displayName: name,
    params: locals,
    outs: [],
    result: types.noneType,
    span,
    body: body(locals),
  };
}

export function returning(value: TExpr, span: Span): TBlock {
  return { stmts: [{ kind: 'return', value, span }], value: undefined };
}

/** The term of what a V function returned; a result becomes `{ok, Value}` or `{error, Text}`. */
export function encodedResult(p: Program, value: TExpr, span: Span): TExpr {
  const t = types.unalias(value.type);
  if (t.kind !== 'result') return encoded(p, value, span);
  const schema = schemaOf(p, t.inner, span, true);
  return runtime('v_term', 'encode_result', [value, schema], types.noneType, span);
}

function exportedFunction(p: Program, decl: FnDecl, name: string): FnInstance | undefined {
  const symbol = p.find(p.functions, decl.name, decl.nameSpan);
  const { span } = decl;
  if (!symbol || symbol.decl !== decl || decl.generics.length > 0) {
    p.error('only a plain function can be exported to Erlang', decl.nameSpan);
    return undefined;
  }
  const fn = instanceOf(p, symbol);
  if (fn.outs.length > 0) p.error('a `mut` parameter cannot be exported to Erlang', decl.nameSpan);
  const names = fn.params.map((q, i) => q.name || `argument${i + 1}`);
  return wrapper(p, name, names, span, (locals) => {
    const args = locals.map((local, i) => {
      const type = fn.params[i]?.type as Type;
      const what = `argument ${i + 1} of ${name}`;
      return { kind: 'value', value: decoded(p, localRef(local, span), type, what, span) } as const;
    });
    const call: TExpr = { kind: 'call', fn, args, type: fn.result, span: decl.nameSpan };
    if (fn.result !== types.voidType) return returning(encodedResult(p, call, span), span);
    const done: TExpr = { kind: 'atom', name: 'ok', type: types.noneType, span };
    return {
      stmts: [
        { kind: 'expr', value: call, span },
        { kind: 'return', value: done, span },
      ],
      value: undefined,
    };
  });
}

/** All that the program exports, beside `main`. */
export function collectExports(p: Program, decls: readonly Decl[]): FnInstance[] {
  const exports: FnInstance[] = [];
  const add = (fn: FnInstance, span: Span): void => {
    const key = `${fn.name}/${fn.params.length}`;
    if (taken.includes(key) || exports.some((x) => `${x.name}/${x.params.length}` === key))
      p.error(`the Erlang function \`${key}\` exists already`, span);
    else exports.push(fn);
  };
  let served = false;
  for (const d of decls) {
    if (d.kind === 'struct' && behaviourOf(d) !== undefined) {
      if (served) p.error('a module has the callbacks of one behaviour only', d.nameSpan);
      else for (const fn of behaviourExports(p, d)) add(fn, d.nameSpan);
      served = true;
    }
    if (d.kind !== 'fn' || !d.body) continue;
    const attribute = d.attributes.find((a) => a.name === 'export');
    if (attribute?.value === undefined) continue;
    const fn = exportedFunction(p, d, attribute.value);
    if (fn) add(fn, attribute.span);
  }
  return exports;
}

/** What an attribute `@[vbeam_match: 'vendor=0x1234 device=0x11e8']` of a driver may name. */
const matchKeys: readonly string[] = [
  'vendor',
  'device',
  'subvendor',
  'subdevice',
  'class',
  'subclass',
  'prog_if',
];

/** Attributes of the Erlang module that say what it is for. */
export function moduleAttributes(p: Program, decls: readonly Decl[]): ModuleAttribute[] {
  const structs = decls.filter((d) => d.kind === 'struct');
  const names = structs.flatMap((d) => behaviourOf(d) ?? []);
  const matches = structs.flatMap((d) =>
    d.attributes.flatMap((a) => (a.name === 'vbeam_match' ? [matchOf(p, a)] : [])),
  );
  const all = [
    { name: 'behaviour', values: names },
    { name: 'vbeam_match', values: matches },
  ];
  return all.filter((a) => a.values.length > 0);
}

function matchOf(p: Program, attribute: Attribute): ReadonlyMap<string, bigint> {
  const pairs = new Map<string, bigint>();
  for (const part of (attribute.value ?? '').split(/[\s,]+/).filter((x) => x !== '')) {
    const [key, value, ...more] = part.split('=');
    const isNumber = value !== undefined && /^(0x[\da-f]+|\d+)$/i.test(value);
    if (key !== undefined && matchKeys.includes(key) && isNumber && more.length === 0)
      pairs.set(key, BigInt(value));
    else p.error(`\`${part}\` is no \`key=number\` of a device`, attribute.span);
  }
  return pairs;
}
