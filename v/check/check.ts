// The checker's entry: a syntax tree in, a typed program or diagnostics out.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Decl, FnDecl, SourceTree, TypeNode } from '../ast.ts';
import { lex } from '../lexer.ts';
import { parseTokens } from '../parse/declarations.ts';
import { preludeSource } from '../prelude.ts';
import type { SourceFile, Span } from '../source.ts';
import type { FnInstance, TProgram } from '../typed.ts';
import * as types from '../types.ts';
import { checkConst } from './consts.ts';
import { collectExports, erlangModule, moduleAttributes } from './exports.ts';
import { checkPending, declareFunction, instanceOf } from './functions.ts';
import { isTypeParameter } from './inference.ts';
import { finishDispatchers } from './interfaces.ts';
import { checkRecursion, instantiateNamed } from './named_types.ts';
import { baseName, noBindings, Program } from './program.ts';

const nowhere: Span = { start: 0, end: 0 };

const parsed = new Map<string, readonly Decl[]>();

/** V source of our own, parsed once. */
function ownDecls(name: string, source: () => string): readonly Decl[] {
  let decls = parsed.get(name);
  if (!decls) {
    // Its positions would point into the user's file, so all of them become the file's start.
    const tokens = lex(source()).tokens.map((t) => ({ ...t, start: 0, end: 0 }));
    decls = parseTokens(tokens, '').tree.decls;
    parsed.set(name, decls);
  }
  return decls;
}

const prelude = (): readonly Decl[] => ownDecls('', () => preludeSource);

const libraryDir = join(dirname(fileURLToPath(import.meta.url)), '..', 'vlib');

/** A module of our library; undefined when there is none of that name. */
function libraryModule(name: string): readonly Decl[] | undefined {
  const path = join(libraryDir, `${name}.v`);
  if (!/^\w+$/.test(name) || (!parsed.has(name) && !existsSync(path))) return undefined;
  return ownDecls(name, () => readFileSync(path, 'utf8'));
}

export function checkProgram(
  source: SourceFile,
  tree: SourceTree,
): { program: Program; typed: TProgram } {
  const p = new Program(source, tree);
  const decls = [...prelude(), ...importedDecls(p, tree), ...tree.decls];
  collectConsts(p, decls);
  collectTypes(p, decls);
  setErrorInterface(p);
  for (const d of decls) {
    if (d.kind === 'struct' && d.generics.length === 0) {
      const type = p.namedTypes.get(d.name);
      if (type?.kind === 'struct') checkRecursion(p, type);
    }
  }
  collectValues(p, decls);
  importSymbols(p, tree);
  const main = checkBodies(p, tree);
  // Whatever else is wrong is more useful to know than that there is nothing to run.
  if (!main && !p.hasErrors && testNames(p).length === 0 && p.exports.length === 0) {
    p.error('function `main` must be declared in the main module', nowhere);
  }
  const functions = [...p.instances.values()].filter((i) => i.body !== undefined);
  const tests = testNames(p).flatMap((name) => p.instances.get(name) ?? []);
  const erlang = {
    module: erlangModule(p, tree),
    exports: p.exports,
    attributes: moduleAttributes(p, tree),
  };
  return { program: p, typed: { ...erlang, functions, main, consts: p.constOrder, tests } };
}

/**
 * The declarations of the library modules that a program imports, and of those that they import.
 */
function importedDecls(p: Program, tree: SourceTree): Decl[] {
  const loaded: Decl[] = [];
  const done = new Set<string>();
  const load = (decls: readonly Decl[]): void => {
    for (const d of decls) {
      if (d.kind !== 'import') continue;
      const short = d.module.replace(/^.*\./, '');
      p.imports.set(d.alias ?? short, d.module);
      if (done.has(d.module)) continue;
      done.add(d.module);
      const library = libraryModule(d.module);
      if (library === undefined) {
        p.unsupported(`module \`${d.module}\``, d.span);
        continue;
      }
      loaded.push(...library);
      load(library);
    }
  };
  load(tree.decls);
  return loaded;
}

// --- collecting ----------------------------------------------------------------------------------

/** Constants are known before types, whose sizes and enum values may use them. */
function collectConsts(p: Program, decls: readonly Decl[]): void {
  for (const d of decls) {
    if (d.kind !== 'const') continue;
    for (const item of d.items) {
      if (p.consts.has(item.name)) p.error(`duplicate const \`${item.name}\``, item.nameSpan);
      if (/[A-Z]/.test(item.name)) {
        p.error(
          `const name \`${item.name}\` cannot contain uppercase letters, use ` +
            `snake_case instead`,
          item.nameSpan,
        );
      }
      const info = {
        name: item.name,
        span: item.nameSpan,
        type: types.errorType,
        value: undefined,
      };
      p.consts.set(item.name, { info, value: item.value, state: 'new' });
    }
  }
}

function collectTypes(p: Program, decls: readonly Decl[]): void {
  for (const d of decls) {
    if (d.kind !== 'struct' && d.kind !== 'enum' && d.kind !== 'type' && d.kind !== 'interface')
      continue;
    if (types.builtinTypes.has(d.name)) {
      p.error(
        `cannot register ${d.kind} \`${d.name}\`, another type with this name exists`,
        d.nameSpan,
      );
      continue;
    }
    if (p.namedDecls.has(d.name)) {
      p.error(
        `cannot register ${d.kind} \`${d.name}\`, another type with this name exists`,
        d.nameSpan,
      );
      continue;
    }
    if (!/^[A-Z]/.test(d.name) && d.nameSpan.end > 0 && !d.name.startsWith('C.')) {
      const what = d.kind === 'type' ? 'type alias name' : `${d.kind} name`;
      p.error(`${what} \`${d.name}\` must begin with capital letter`, d.nameSpan);
    }
    p.namedDecls.set(d.name, d);
  }
  for (const d of p.namedDecls.values()) {
    const generic = d.kind !== 'enum' && d.generics.length > 0;
    if (!generic && d.name !== 'IError') instantiateNamed(p, d, [], d.nameSpan);
  }
}

function setErrorInterface(p: Program): void {
  const noParams = (result: types.Type): types.FnType => types.fnOf([], result);
  types.errorInterface.methods = [
    { name: 'msg', mut: false, type: noParams(types.string), span: nowhere },
    { name: 'code', mut: false, type: noParams(types.intType), span: nowhere },
  ];
  p.namedDecls.delete('IError');
}

function collectValues(p: Program, decls: readonly Decl[]): void {
  for (const d of decls) {
    switch (d.kind) {
      case 'fn':
        collectFunction(p, d);
        break;
      case 'import':
        break;
      case 'global':
        p.unsupported('a global variable', d.span);
        break;
      case 'comptimeDecl':
        p.unsupported('a top-level `$if`', d.span);
        break;
      case 'unsupportedDecl':
        p.unsupported(d.what, d.span);
        break;
      case 'module':
        if (d.name !== 'main') p.unsupported(`compiling module \`${d.name}\` alone`, d.span);
        break;
      default:
        break;
    }
  }
}

/** `import math { sqrt }` makes a module's function a plain name. */
function importSymbols(p: Program, tree: SourceTree): void {
  for (const d of tree.decls) {
    if (d.kind !== 'import') continue;
    for (const name of d.symbols) {
      const symbol = p.statics.get(`${d.module}.${name}`);
      if (symbol) p.functions.set(name, symbol);
      else if (libraryModule(d.module)) {
        p.error(`module \`${d.module}\` has no constant or function \`${name}\``, d.span);
      }
    }
  }
}

function collectFunction(p: Program, d: FnDecl): void {
  if (d.name === 'main' && !d.receiver && !d.staticOf) {
    if (d.signature.params.length > 0) p.error('function `main` cannot have arguments', d.span);
    if (d.signature.result) p.error('function `main` cannot return values', d.span);
  }
  if (d.receiver) {
    collectMethod(p, d);
    return;
  }
  if (/[A-Z]/.test(d.name) && d.staticOf !== 'C' && d.staticOf !== 'JS') {
    p.error(
      `function name \`${d.name}\` cannot contain uppercase letters, use snake_case instead`,
      d.nameSpan,
    );
  }
  if (d.staticOf === 'C' || d.staticOf === 'JS') {
    p.unsupported(`a \`${d.staticOf}.\` function`, d.span);
    return;
  }
  const table = d.staticOf ? p.statics : p.functions;
  const key = d.staticOf ? `${d.staticOf}.${d.name}` : d.name;
  if (table.has(key)) {
    if (d.name === 'main') p.error('function `main` is already defined', d.span);
    else p.error(`redefinition of function \`${key}\``, d.span);
    return;
  }
  table.set(key, declareFunction(p, d));
}

function collectMethod(p: Program, d: FnDecl): void {
  const receiver = d.receiver?.type;
  const named = receiver?.kind === 'wrap' ? receiver.inner : receiver;
  let owner: string;
  if (named?.kind === 'named') {
    owner = named.name;
    if (!p.namedDecls.has(owner) && owner !== 'IError') {
      p.error(`unknown type \`${owner}\``, named.span);
      return;
    }
  } else if (receiver) {
    owner = baseName(p.resolve(receiver, noBindings));
  } else {
    return;
  }
  let table = p.methods.get(owner);
  if (!table) {
    table = new Map();
    p.methods.set(owner, table);
  }
  const symbol = { decl: d, name: d.name, params: undefined, result: undefined, overloads: [] };
  const known = table.get(d.name);
  if (!known) {
    table.set(d.name, symbol);
    return;
  }
  const receivers = [known, ...known.overloads].map((s) => receiverText(p, s.decl));
  if (receivers.includes(receiverText(p, d))) p.error(`duplicate method \`${d.name}\``, d.span);
  else known.overloads.push(symbol);
}

/** How a method's receiver is written, with its own type parameters all alike. */
function receiverText(p: Program, d: FnDecl): string {
  const node = d.receiver?.type;
  const named = node?.kind === 'wrap' ? node.inner : node;
  const text = (n: TypeNode): string => {
    if (n.kind !== 'named') return p.source.text.slice(n.span.start, n.span.end);
    const args = n.args.map((a) => (isTypeParameter(p, a) ? '_' : text(a)));
    return n.name + (args.length > 0 ? `[${args.join()}]` : '');
  };
  return named ? text(named) : '';
}

// --- bodies --------------------------------------------------------------------------------------

function checkBodies(p: Program, tree: SourceTree): FnInstance | undefined {
  for (const name of p.consts.keys()) checkConst(p, name);
  const main = mainInstance(p, tree);
  for (const symbol of p.functions.values()) {
    if (symbol.decl.generics.length === 0 && symbol.decl.nameSpan.end > 0) instanceOf(p, symbol);
  }
  for (const symbol of p.statics.values()) {
    if (symbol.decl.generics.length === 0) instanceOf(p, symbol);
  }
  instantiateMethods(p);
  p.exports = collectExports(p, tree);
  // Checking bodies can box new types, which gives dispatching functions new rows, which can need
  // new bodies.
  for (let round = 0; round < 100; round++) {
    checkPending(p);
    const grew = finishDispatchers(p);
    for (const make of p.lateBodies) make();
    if (!grew && p.pending.length === 0) break;
  }
  return main;
}

/** Methods of types without type parameters are checked even when nobody calls them, as V does. */
function instantiateMethods(p: Program): void {
  for (const [owner, table] of p.methods) {
    const type = p.namedTypes.get(owner);
    if (!type) continue;
    for (const symbol of table.values()) {
      const { decl } = symbol;
      if (decl.generics.length === 0 && decl.nameSpan.end > 0)
        instanceOf(p, symbol, noBindings, type);
    }
  }
}

/** The functions that the test runner calls, in its order. */
function testNames(p: Program): string[] {
  if (!p.isTestFile) return [];
  // A head without a body is a promise that nothing keeps: there is nothing to run.
  const bodied = [...p.functions].filter(([, symbol]) => symbol.decl.body);
  const tests = bodied.map(([name]) => name).filter((name) => name.startsWith('test_'));
  const around = (name: string): string[] => (p.functions.get(name)?.decl.body ? [name] : []);
  const each = [...around('before_each'), ...around('after_each')];
  return [...each, ...around('testsuite_begin'), ...tests, ...around('testsuite_end')];
}

function mainInstance(p: Program, tree: SourceTree): FnInstance | undefined {
  const declared = p.functions.get('main');
  const [first] = tree.stmts;
  if (declared) {
    if (first) p.error('function `main` is already defined', first.span);
    return instanceOf(p, declared);
  }
  if (!first && tree.decls.length > 0) {
    return undefined;
  }
  // Statements at the top level are an implicit `fn main()`.
  const span = first?.span ?? nowhere;
  const last = tree.stmts[tree.stmts.length - 1]?.span ?? span;
  const body = { stmts: tree.stmts, span: { start: span.start, end: last.end } };
  const instance: FnInstance = {
    name: 'main',
    displayName: 'main',
    params: [],
    outs: [],
    result: types.voidType,
    span,
    body: undefined,
  };
  p.instances.set('main', instance);
  p.pending.push({ instance, body, bindings: noBindings, depth: 0, span });
  return instance;
}
