// The checker's entry: the files of a program in, a typed program or diagnostics out.

import type { Decl, FnDecl, GlobalDecl, TypeNode } from '../ast.ts';
import type { LoadedProgram, Module, Unit } from '../load/modules.ts';
import type { Span } from '../source.ts';
import type { ConstInfo, FnInstance, TProgram } from '../typed.ts';
import * as types from '../types.ts';
import { builtinFunctions } from './builtin_functions.ts';
import { declareC } from './c_calls.ts';
import { checkConst, checkGlobal } from './consts.ts';
import { checkDeclarations } from './declaration_rules.ts';
import { collectExports, erlangModule, moduleAttributes } from './exports.ts';
import { checkPending, declareFunction, instanceOf } from './functions.ts';
import { isTypeParameter } from './inference.ts';
import { boxedTypes, finishDispatchers } from './interfaces.ts';
import { requireUnreservedGlobal } from './name_rules.ts';
import { checkRecursion, instantiateNamed } from './named_types.ts';
import { baseName, noBindings, Program } from './program.ts';
import { declKind, requirePublicSymbol } from './visibility.ts';

const nowhere: Span = { start: 0, end: 0 };

export function checkProgram(loaded: LoadedProgram): { program: Program; typed: TProgram } {
  types.beginProgram();
  const p = new Program(loaded);
  const units = loaded.modules.flatMap((m) => m.units);
  const decls = units.flatMap((u) => u.decls);
  collectConsts(p, decls);
  collectTypes(p, decls);
  setErrorInterface(p);
  collectValues(p, decls);
  checkStructs(p);
  checkDeclarations(
    p,
    units.flatMap((u) => (u.library ? [] : u.decls)),
  );
  for (const unit of units) checkSymbols(p, unit);
  for (const complete of p.lateTypes) complete();
  const own = loaded.main.units.flatMap((u) => u.decls);
  const main = checkBodies(p, loaded.main, own);
  // Whatever else is wrong is more useful to know than that there is nothing to run.
  if (!main && !p.hasErrors && testNames(p).length === 0 && p.exports.length === 0) {
    p.error('function `main` must be declared in the main module', nowhere);
  }
  const functions = [...p.instances.values()].filter((i) => i.body !== undefined);
  const tests = testNames(p).flatMap((name) => p.instances.get(name) ?? []);
  const hooks = (name: string, of: readonly Module[]): FnInstance[] =>
    of
      .flatMap((m) => (m.builtin ? [] : (p.instances.get(m.prefix + name) ?? [])))
      .filter((fn) => fn.params.length === 0 && fn.result === types.voidType);
  const constsOf = (m: Module): ConstInfo[] =>
    p.constOrder.filter((c) => p.unitAt(c.span).module === m);
  const starts = loaded.modules.flatMap((m) => [...constsOf(m), ...hooks('init', [m])]);
  const typed = {
    module: erlangModule(p, own),
    exports: p.exports,
    attributes: moduleAttributes(p, own),
    functions,
    main,
    consts: p.constOrder,
    starts,
    handed: p.handed,
    recast: p.recast,
    boxedTypes: [...boxedTypes(p)],
    tests,
    cleanups: hooks('cleanup', loaded.modules).reverse(),
  };
  return { program: p, typed };
}

// --- collecting ----------------------------------------------------------------------------------

/** Constants are known before types, whose sizes and enum values may use them. */
function collectConsts(p: Program, decls: readonly Decl[]): void {
  for (const d of decls) {
    if (d.kind !== 'const') continue;
    for (const item of d.items) {
      const { module } = p.unitAt(item.nameSpan);
      // Programs may have constants of their own under builtin's names.
      const name = (module.builtin ? 'builtin.' : module.prefix) + item.name;
      if (p.consts.has(name)) {
        duplicate(p, `duplicate const \`${name}\``, item.nameSpan);
        continue;
      }
      if (/[A-Z]/.test(item.name)) {
        p.error(
          `const name \`${item.name}\` cannot contain uppercase letters, use ` +
            `snake_case instead`,
          item.nameSpan,
        );
      }
      const info = {
        name,
        span: item.nameSpan,
        type: types.errorType,
        value: undefined,
      };
      p.consts.set(name, {
        info,
        value: item.value,
        public: d.public,
        attributes: d.attributes,
        state: 'new',
      });
    }
  }
}

function collectTypes(p: Program, decls: readonly Decl[]): void {
  for (const d of decls) {
    if (d.kind !== 'struct' && d.kind !== 'enum' && d.kind !== 'type' && d.kind !== 'interface')
      continue;
    const { library } = p.unitAt(d.nameSpan);
    const name = p.fullName(d.name, d.nameSpan);
    if (d.name.startsWith('C.') && p.namedDecls.has(name)) continue;
    if (types.builtinTypes.has(name) || p.namedDecls.has(name)) {
      const what = `${declKind(d)} \`${name}\``;
      duplicate(p, `cannot register ${what}, another type with this name exists`, d.nameSpan);
      continue;
    }
    if (!/^[A-Z]/.test(d.name) && !library && !d.name.startsWith('C.')) {
      const what = d.kind === 'type' ? 'type alias name' : `${d.kind} name`;
      p.error(`${what} \`${d.name}\` must begin with capital letter`, d.nameSpan);
    }
    p.namedDecls.set(name, d);
  }
  for (const d of p.namedDecls.values()) {
    const generic = d.kind !== 'enum' && d.generics.length > 0;
    const { library, module } = p.unitAt(d.nameSpan);
    if (!generic && d.name !== 'IError' && (!library || module.builtin)) {
      instantiateNamed(p, d, [], d.nameSpan);
    }
  }
}

/** The library's own files say a name twice on purpose: ours come first and count. */
function duplicate(p: Program, message: string, span: Span): void {
  if (!p.unitAt(span).library) p.error(message, span);
}

function checkStructs(p: Program): void {
  for (const type of [...p.namedTypes.values()]) {
    if (type.kind === 'struct' && type.typeArgs.length === 0) checkRecursion(p, type);
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
        collectGlobals(p, d);
        break;
      case 'unsupportedDecl':
        if (!p.unitAt(d.span).library) p.unsupported(d.what, d.span);
        break;
      default:
        break;
    }
  }
}

function collectGlobals(p: Program, d: GlobalDecl): void {
  const unit = p.unitAt(d.span);
  const allowed =
    unit.library ||
    p.loaded.globals ||
    unit.decls.some(
      (m) => m.kind === 'module' && m.attributes.some((a) => a.name === 'has_globals'),
    );
  if (!allowed) p.error('use `v -enable-globals ...` to enable globals', d.span);
  for (const item of d.items) {
    requireUnreservedGlobal(p, item.name, item.span);
    const name = p.fullName(item.name, item.span);
    if (p.globals.has(name)) {
      duplicate(p, `duplicate global \`${name}\``, item.span);
      continue;
    }
    const info = { name, span: item.span, type: types.errorType, value: undefined };
    p.globals.set(name, { info, decl: item, state: 'new' });
  }
}

/** `import math { sqrt }` must name what there is. */
function checkSymbols(p: Program, unit: Unit): void {
  if (unit.library) return;
  for (const [name, { module, span }] of unit.symbols) {
    const full = module.prefix + name;
    requirePublicSymbol(p, module, name, span);
    const known =
      p.functions.has(full) || p.consts.has(full) || p.namedDecls.has(full) || p.globals.has(full);
    if (known) continue;
    const message = /^[A-Z]/.test(name)
      ? `module \`${module.path}\` has no type \`${name}\``
      : `module \`${module.path}\` has no constant or function \`${name}\``;
    p.error(message, span);
  }
}

function collectFunction(p: Program, d: FnDecl): void {
  if (d.receiver) {
    collectMethod(p, d);
    return;
  }
  const { library, module } = p.unitAt(d.nameSpan);
  const isMain = d.name === 'main' && !d.staticOf && module.path === 'main';
  if (isMain) {
    if (d.signature.params.length > 0) p.error('function `main` cannot have arguments', d.span);
    if (d.signature.result) p.error('function `main` cannot return values', d.span);
  }
  if (d.staticOf === 'C') {
    declareC(p, d);
    return;
  }
  if (d.staticOf === 'JS') {
    if (!library) p.unsupported(`a \`${d.staticOf}.\` function`, d.span);
    return;
  }
  if (/[A-Z]/.test(d.name) && !library) {
    p.error(
      `function name \`${d.name}\` cannot contain uppercase letters, use snake_case instead`,
      d.nameSpan,
    );
  }
  if (!d.staticOf && !library && builtinFunctions[d.name] && module.prefix === '') {
    p.error(`cannot redefine builtin public function \`${d.name}\``, d.span);
    return;
  }
  const table = d.staticOf ? p.statics : p.functions;
  const key = module.prefix + (d.staticOf ? `${d.staticOf}.${d.name}` : d.name);
  if (table.has(key)) {
    if (isMain) p.error('function `main` is already defined', d.span);
    else duplicate(p, `redefinition of function \`${key}\``, d.span);
    return;
  }
  table.set(key, declareFunction(p, d, key));
}

/** Types that no program declares have the methods of the library, and no others. */
function notLocal(p: Program, name: string, span: Span): void {
  p.error(
    `cannot define new methods on non-local type ${name}. Define an alias and use that instead ` +
      `like \`type AliasName = ${name}\` `,
    span,
  );
}

const mapValue = (node: TypeNode): TypeNode | undefined =>
  node.kind === 'map' ? node.value : undefined;

function collectMethod(p: Program, d: FnDecl): void {
  const receiver = d.receiver?.type;
  const named = receiver?.kind === 'wrap' ? receiver.inner : receiver;
  let owner: string;
  if (named?.kind === 'named') {
    const decl = p.find(p.namedDecls, named.name, named.span);
    owner = decl ? p.fullName(decl.name, decl.nameSpan) : named.name;
    const foreign =
      decl && !p.unitAt(named.span).library && !sameModule(p, decl.nameSpan, named.span);
    if (foreign) {
      p.error(`cannot define new methods on non-local type \`${owner}\``, named.span);
      return;
    }
    if (!decl && types.builtinTypes.has(owner) && !p.unitAt(d.nameSpan).library) {
      notLocal(p, owner, named.span);
      return;
    }
    if (!decl && owner !== 'IError') {
      duplicate(p, `unknown type \`${owner}\``, named.span);
      return;
    }
  } else if (receiver) {
    owner = baseName(p.resolve(receiver, noBindings));
    const held = receiver.kind === 'array' ? receiver.element : mapValue(receiver);
    const builtin = held?.kind === 'named' && types.builtinTypes.has(held.name);
    if (builtin && !p.unitAt(d.nameSpan).library) notLocal(p, owner, receiver.span);
  } else {
    return;
  }
  if (d.name === '[]' || d.name === '[]=') p.overloadsIndex = true;
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
  if (receivers.includes(receiverText(p, d))) {
    duplicate(p, `duplicate method \`${d.name}\``, d.span);
  } else known.overloads.push(symbol);
}

/** How a method's receiver is written, with its own type parameters all alike. */
function receiverText(p: Program, d: FnDecl): string {
  const node = d.receiver?.type;
  const named = node?.kind === 'wrap' ? node.inner : node;
  const text = (n: TypeNode): string => {
    if (n.kind !== 'named') return p.textOf(n.span);
    const args = n.args.map((a) => (isTypeParameter(p, a) ? '_' : text(a)));
    return n.name + (args.length > 0 ? `[${args.join()}]` : '');
  };
  return named ? text(named) : '';
}

function sameModule(p: Program, a: Span, b: Span): boolean {
  return p.unitAt(a).module === p.unitAt(b).module;
}

// --- bodies --------------------------------------------------------------------------------------

function checkBodies(p: Program, module: Module, own: readonly Decl[]): FnInstance | undefined {
  const checked = (span: Span): boolean => !p.unitAt(span).library;
  for (const [name, { info }] of p.consts) if (checked(info.span)) checkConst(p, name);
  for (const symbol of p.globals.values()) if (checked(symbol.info.span)) checkGlobal(p, symbol);
  const main = mainInstance(p, module);
  for (const table of [p.functions, p.statics]) {
    for (const [key, symbol] of table) {
      const { decl } = symbol;
      if (decl.generics.length > 0) continue;
      // A library module's own start and end run whenever the module is imported.
      const hook = !decl.staticOf && /^(.*\.)?(init|cleanup)$/.test(key) && decl.body;
      if (hook || checked(decl.nameSpan)) instanceOf(p, symbol);
    }
  }
  instantiateMethods(p);
  p.exports = collectExports(p, own);
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
      if (decl.generics.length === 0 && !p.unitAt(decl.nameSpan).library)
        instanceOf(p, symbol, noBindings, type);
    }
  }
}

/** The functions that the test runner calls, in its order. */
function testNames(p: Program): string[] {
  if (!p.isTestFile) return [];
  const { prefix } = p.loaded.main;
  // A head without a body is a promise that nothing keeps: there is nothing to run.
  const bodied = [...p.functions].filter(([, { decl }]) => {
    const { file, library } = p.unitAt(decl.nameSpan);
    return decl.body && !library && file.path.endsWith('_test.v');
  });
  const names = bodied.map(([name]) => name);
  const tests = names.filter((name) => name.startsWith(`${prefix}test_`));
  const around = (name: string): string[] => names.filter((own) => own === prefix + name);
  const each = [...around('before_each'), ...around('after_each')];
  return [...each, ...around('testsuite_begin'), ...tests, ...around('testsuite_end')];
}

function mainInstance(p: Program, module: Module): FnInstance | undefined {
  const declared = p.functions.get('main');
  const stmts = module.units.flatMap((u) => u.tree.stmts);
  const [first] = stmts;
  if (declared) {
    if (first) {
      p.error(
        'function `main` is already defined, put your script statements inside it',
        first.span,
      );
    }
    return instanceOf(p, declared);
  }
  if (!first && module.units.some((u) => u.decls.length > 0)) return undefined;
  // Statements at the top level are an implicit `fn main()`.
  const span = first?.span ?? nowhere;
  const last = stmts[stmts.length - 1]?.span ?? span;
  const body = { stmts, span: { start: span.start, end: last.end } };
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
