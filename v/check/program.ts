// What the checker knows about a whole program: declared names, resolved types, function instances,
// diagnostics.

import type { Attribute, Block, Expr, FnDecl, GlobalDecl, TypeNode } from '../ast.ts';
import { attemptDepthMax, errorsMax, fixedArrayLengthMax } from '../limits.ts';
import type { LoadedProgram, Module, Unit } from '../load/modules.ts';
import { libraryBase } from '../load/parsed.ts';
import type { Diagnostic, Severity, SourceFile, SourceSet, Span } from '../source.ts';
import type { ConstInfo, FnInstance, Local } from '../typed.ts';
import type { FnParam, Type } from '../types.ts';
import * as types from '../types.ts';
import { resolveAnonymous } from './anonymous.ts';
import { typeofType } from './comptime_types.ts';
import { evaluate } from './const_eval.ts';
import type { FnContext } from './context.ts';
import type { FoundMethod } from './members.ts';
import { instantiateNamed, type NamedDecl } from './named_types.ts';
import { suggest } from './suggest.ts';
import { memberType } from './type_facts.ts';

/** What type parameters stand for inside one instance. */
export type Bindings = ReadonlyMap<string, Type>;
export const noBindings: Bindings = new Map();

/** A method or function with what is needed to call it, before any instance of it exists. */
export interface FnSymbol {
  readonly decl: FnDecl;
  readonly name: string;
  /** Undefined while the function is generic. */
  readonly params: readonly FnParam[] | undefined;
  readonly result: Type | undefined;
  /** Methods of this name for other type arguments of the receiver: `(s Stack[int])`. */
  readonly overloads: FnSymbol[];
  /** The instance without type arguments, and the type it is a method of. */
  plain?: { readonly instance: FnInstance; readonly owner: Type | undefined };
}

export interface ConstSymbol {
  readonly info: ConstInfo;
  readonly value: Expr;
  readonly public: boolean;
  readonly attributes: readonly Attribute[];
  state: 'new' | 'checking' | 'done';
}

/** A global variable: its constant is the reference to the cell that it lives in. */
export interface GlobalSymbol {
  readonly info: ConstInfo;
  readonly decl: GlobalDecl['items'][number];
  state: ConstSymbol['state'];
}

/** A function body that still has to be checked. */
export interface PendingBody {
  readonly instance: FnInstance;
  readonly body: Block;
  readonly bindings: Bindings;
  readonly depth: number;
  readonly decl?: FnDecl;
  /** The head of the declaration. */
  readonly span: Span;
}

/** An expression being tried out, and what there would be to say about it. */
interface Trial {
  readonly span: Span;
  readonly reports: Diagnostic[];
  readonly depth: number;
}

export class Program {
  readonly loaded: LoadedProgram;
  readonly sources: SourceSet;
  readonly diagnostics: Diagnostic[];
  /** Everything declared is known here under its full name, which is plain in main and builtin. */
  readonly namedDecls = new Map<string, NamedDecl>();
  /** Named types by their full name with type arguments. */
  readonly namedTypes = new Map<string, Type>();
  /** Structs declared inside functions, by where and for which instance. */
  readonly localTypes = new Map<string, Type>();
  /** Anonymous structs by their fields. */
  readonly anonymousTypes = new Map<string, types.StructType>();
  readonly functions = new Map<string, FnSymbol>();
  /** Methods by receiver type name (without type arguments), then by method name. */
  readonly methods = new Map<string, Map<string, FnSymbol>>();
  /** Some type has a method `[]` or `[]=`. */
  overloadsIndex = false;
  readonly statics = new Map<string, FnSymbol>();
  /** `fn C.name(…)` */
  readonly cFunctions = new Map<string, FnDecl>();
  readonly consts = new Map<string, ConstSymbol>();
  readonly globals = new Map<string, GlobalSymbol>();
  readonly instances = new Map<string, FnInstance>();
  readonly pending: PendingBody[] = [];
  /** The nesting of generic instantiation the body being checked is at. */
  genericDepth = 0;
  /** Constants in the order their values have to be computed. */
  readonly constOrder: ConstInfo[] = [];
  /** Erlang functions around V code. */
  exports: readonly FnInstance[] = [];
  /** Bodies that list all types, made again when all are known. */
  readonly lateBodies: (() => void)[] = [];
  /** What types need of constants and functions, computed when all of those are known. */
  readonly lateTypes: (() => void)[] = [];
  /** What immutable variables were declared with. */
  readonly initialValues = new Map<Local, Expr>();
  /** The methods that were looked for and found, by type and name. */
  readonly foundMethods = new Map<Type, Map<string, FoundMethod>>();
  /** Parameters of the first function of each type: the type itself is the same for all names. */
  readonly paramNames = new Map<Type, readonly string[]>();
  /** The numbers of types that V does not have built in. */
  readonly typeNumbers = new Map<Type, number>();
  /** The function whose types are being resolved: `typeof` in a type sees its variables. */
  private context: FnContext | undefined;
  private nextLocalId = 0;
  private nextLoopId = 0;
  private readonly reported = new Set<string>();
  private trial: Trial | undefined;

  private readonly units = new Map<SourceFile, Unit>();
  /** The unit of the file that was asked for last. */
  private lastUnit: Unit | undefined;
  private readonly builtinNames = new Set<string>();
  /** The full names of builtin's constants. */
  private readonly builtinConsts = new Map<string, string>();
  private readonly qualifiedNames = new Map<string, Map<string, string>>();

  constructor(loaded: LoadedProgram) {
    this.loaded = loaded;
    this.sources = loaded.sources;
    this.diagnostics = [...loaded.diagnostics];
    for (const module of loaded.modules) {
      for (const unit of module.units) {
        this.units.set(unit.file, unit);
        if (!module.builtin) continue;
        for (const d of unit.decls) {
          if ('name' in d) this.builtinNames.add(d.name);
          if (d.kind !== 'const') continue;
          for (const { name } of d.items) this.builtinConsts.set(name, `builtin.${name}`);
        }
      }
    }
  }

  // --- files and modules -----------------------------------------------------------------------

  /** Adds a file that is read while checking; it belongs where `like` does. */
  addFile(make: (base: number) => SourceFile, like: Unit): SourceFile {
    const file = make(this.sources.freeBase(libraryBase));
    this.sources.add(file);
    this.units.set(file, { ...like, file });
    return file;
  }

  /** The file that a node was written in. */
  unitAt(span: Span): Unit {
    const file = this.sources.fileAt(span.start);
    if (this.lastUnit?.file !== file) this.lastUnit = this.units.get(file);
    return this.lastUnit as Unit;
  }

  /** Where a node is in its file, as part of names: positions as such are of one process only. */
  offsetOf(span: Span): number {
    return span.start - this.sources.fileAt(span.start).base;
  }

  textOf(span: Span): string {
    return this.sources.textOf(span);
  }

  /** The full name of a module's declaration; each is put together once. */
  private qualified(prefix: string, name: string): string {
    if (prefix === '') return name;
    let names = this.qualifiedNames.get(prefix);
    if (!names) {
      names = new Map();
      this.qualifiedNames.set(prefix, names);
    }
    let full = names.get(name);
    if (full === undefined) {
      full = prefix + name;
      names.set(name, full);
    }
    return full;
  }

  /** The full name of what is declared as `name` at `span`. */
  fullName(name: string, span: Span): string {
    // C's names belong to no module.
    return name.startsWith('C.') ? name : this.qualified(this.unitAt(span).module.prefix, name);
  }

  /** The module that `alias` names in the file of `span`. */
  moduleNamed(alias: string, span: Span): Module | undefined {
    const unit = this.unitAt(span);
    const own = unit.module.prefix === `${alias}.` ? unit.module : undefined;
    return unit.imports.get(alias) ?? own;
  }

  /**
   * What a name stands for in the file of `span`: a declaration of its module, one it imports by
   * name, or one of builtin; `module.name` is a declaration of an imported module.
   */
  find<T>(table: ReadonlyMap<string, T>, name: string, span: Span): T | undefined {
    const unit = this.unitAt(span);
    const dot = name.indexOf('.');
    if (dot > 0) {
      if (name.startsWith('C.')) return table.get(name);
      const module = this.moduleNamed(name.slice(0, dot), span);
      return module && table.get(this.qualified(module.prefix, name.slice(dot + 1)));
    }
    const own = table.get(this.qualified(unit.module.prefix, name));
    if (own !== undefined) return own;
    const imported = unit.symbols.get(name);
    if (imported) return table.get(this.qualified(imported.module.prefix, name));
    const constant = this.builtinConsts.get(name);
    const found = constant === undefined ? undefined : table.get(constant);
    return found ?? (this.builtinNames.has(name) ? table.get(name) : undefined);
  }

  // --- diagnostics -----------------------------------------------------------------------------

  report(severity: Severity, message: string, span: Span, details?: string): void {
    // What the library's authors could have written better is nothing to its users.
    if (severity !== 'error' && this.unitAt(span).library) return;
    const { trial } = this;
    if (trial && span.start >= trial.span.start && span.end <= trial.span.end) {
      trial.reports.push({
        severity,
        message,
        span,
        ...(details === undefined ? {} : { details }),
      });
      return;
    }
    const key = `${severity}:${span.start}:${message}`;
    if (this.reported.has(key) || this.diagnostics.length >= errorsMax) return;
    this.reported.add(key);
    const more = details === undefined ? {} : { details };
    const file = this.sources.fileAt(span.start);
    this.diagnostics.push({ severity, message, span, file, ...more });
  }

  /**
   * Checks an expression that may be wrong: undefined when it is, and what was wrong inside `span`
   * is not reported but told to `failed`.
   */
  attempt<T>(
    span: Span,
    run: () => T,
    failed?: (reports: readonly Diagnostic[]) => void,
  ): T | undefined {
    const before = this.trial;
    const trial: Trial = { span, reports: [], depth: (before?.depth ?? 0) + 1 };
    this.trial = trial;
    const value = run();
    this.trial = before;
    if (trial.reports.some((r) => r.severity === 'error')) {
      failed?.(trial.reports);
      return undefined;
    }
    this.replay(trial.reports);
    return value;
  }

  replay(reports: readonly Diagnostic[]): void {
    for (const r of reports) this.report(r.severity, r.message, r.span, r.details);
  }

  /** How deep attempts are nested: what is checked again after one is checked 2^depth times. */
  get mayCheckTwice(): boolean {
    return (this.trial?.depth ?? 0) < attemptDepthMax;
  }

  error(message: string, span: Span, details?: string): void {
    this.report('error', message, span, details);
  }

  /** Says that we know the construct but do not compile it yet. */
  unsupported(what: string, span: Span): void {
    this.error(`${what} is not supported yet`, span);
  }

  /** Some function starts a thread. */
  get startsThreads(): boolean {
    return this.loaded.modules.some((m) => m.units.some((u) => !u.library && u.tree.spawns));
  }

  /** A file named `_test.v` is a program that runs its test functions. */
  get isTestFile(): boolean {
    return this.loaded.test;
  }

  get hasErrors(): boolean {
    return this.errorCount > 0;
  }

  /** Errors reported, or held back by the attempt that is being made. */
  get errorCount(): number {
    const reports = [...this.diagnostics, ...(this.trial?.reports ?? [])];
    return reports.filter((d) => d.severity === 'error').length;
  }

  /** Types of what references were cast from and to. */
  readonly recast: Type[] = [];
  /** Types of the values that are handed to other threads. */
  readonly handed: Type[] = [];

  newLocal(name: string, type: Type, span: Span, mut = false): Local {
    return {
      id: this.nextLocalId++,
      name,
      type,
      mut,
      span,
      used: false,
      changed: false,
      cell: false,
      unboxed: false,
      borrowed: false,
    };
  }

  newLoopId(): number {
    return this.nextLoopId++;
  }

  methodsOf(type: Type): Map<string, FnSymbol> | undefined {
    return this.methods.get(baseName(type));
  }

  // --- type resolution -------------------------------------------------------------------------

  resolveIn(f: FnContext, node: TypeNode): Type {
    const before = this.context;
    this.context = f;
    const type = this.resolve(node, f.bindings);
    this.context = before;
    return type;
  }

  resolve(node: TypeNode, bindings: Bindings): Type {
    switch (node.kind) {
      case 'named':
        return this.resolveNamed(node.name, node.args, node.span, bindings);
      case 'array':
        return types.arrayOf(this.resolve(node.element, bindings));
      case 'fixed': {
        const size = this.fixedSize(node.size);
        return types.fixedOf(size, this.resolve(node.element, bindings));
      }
      case 'map':
        return types.mapOf(this.resolve(node.key, bindings), this.resolve(node.value, bindings));
      case 'option':
      case 'result': {
        const inner = node.inner ? this.resolve(node.inner, bindings) : types.voidType;
        // `?T` where T is itself an option is that option.
        return inner.kind === node.kind ? inner : types.wrapOf(node.kind, inner);
      }
      case 'tuple':
        return types.tupleOf(node.types.map((t) => this.resolve(t, bindings)));
      case 'fnType':
        return this.resolveFn(node, bindings);
      case 'wrap':
        if (node.wrapper === 'ref') return types.refOf(this.resolve(node.inner, bindings));
        if (node.wrapper === 'atomic') return this.resolve(node.inner, bindings);
        return types.wrapOf(node.wrapper, this.resolve(node.inner, bindings));
      case 'typeOf':
        if (this.context) return typeofType(this.context, node.value);
        this.error('`typeof` can be used as a type only in a function', node.span);
        return types.errorType;
      case 'anonStruct':
        return resolveAnonymous(this, node.decl, bindings);
    }
  }

  private resolveFn(node: TypeNode & { kind: 'fnType' }, bindings: Bindings): Type {
    const params = node.signature.params.map((p) => this.resolveParam(p, bindings));
    const { result } = node.signature;
    return types.fnOf(params, result ? this.resolve(result, bindings) : types.voidType);
  }

  resolveParam(p: FnDecl['signature']['params'][number], bindings: Bindings): FnParam {
    const named = this.resolve(p.type, bindings);
    const plain = p.shared ? types.wrapOf('shared', named) : named;
    const type = p.variadic ? types.arrayOf(plain) : plain;
    return { name: p.name, type, mut: p.mut, variadic: p.variadic };
  }

  private resolveNamed(
    name: string,
    args: readonly TypeNode[],
    span: Span,
    bindings: Bindings,
  ): Type {
    const bound = bindings.get(name) ?? boundMember(name, bindings);
    if (bound) return bound;
    const builtin = types.builtinTypes.get(name);
    if (builtin) return builtin;
    if (name === 'IError') return types.errorInterface;
    const decl = this.find(this.namedDecls, name, span);
    if (decl) {
      const typeArgs = args.map((a) => this.resolve(a, bindings));
      return instantiateNamed(this, decl, typeArgs, span);
    }
    const what = name.startsWith('C.') ? `unknown C type \`${name}\`` : `unknown type \`${name}\``;
    this.error(
      suggest(what, name, [...this.namedDecls.keys(), ...types.builtinTypes.keys()]),
      span,
    );
    return types.errorType;
  }

  private fixedSize(size: Expr): number {
    const value = this.constantInt(size);
    if (value === undefined) {
      this.error('fixed array size cannot use non-constant value', size.span);
      return 1;
    }
    if (value <= 0n || value > fixedArrayLengthMax) {
      this.error(`fixed size cannot be zero or negative (fixed_size: ${value})`, size.span);
      return 1;
    }
    return Number(value);
  }

  /** The value of an integer expression that is known while compiling. */
  constantInt(e: Expr): bigint | undefined {
    const value = evaluate({ program: this, f: this.context }, e);
    return typeof value === 'bigint' ? value : undefined;
  }
}

/** `T.key_type`, `field.typ`: a part of what a bound name stands for. */
function boundMember(name: string, bindings: Bindings): Type | undefined {
  if (bindings.size === 0 || !name.includes('.')) return undefined;
  const [first = '', ...members] = name.split('.');
  let type = bindings.get(first);
  for (const member of members) type = type && memberType(type, member);
  return type;
}

/** Folds an operation on integer constants; undefined where V would fail at run time. */
export function foldIntegers(op: string, left: bigint, right: bigint): bigint | undefined {
  return folds[op]?.(left, right);
}

const isShift = (by: bigint): boolean => by >= 0n && by < 256n;
const folds: Readonly<Record<string, (left: bigint, right: bigint) => bigint | undefined>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => (right === 0n ? undefined : left / right),
  '%': (left, right) => (right === 0n ? undefined : left % right),
  '&': (left, right) => left & right,
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
  '<<': (left, right) => (isShift(right) ? left << right : undefined),
  '>>': (left, right) => (isShift(right) ? left >> right : undefined),
  '**': (left, right) => (isShift(right) ? left ** right : undefined),
};

/** The name methods are declared under: the type's own, without type arguments and references. */
export function baseName(type: Type): string {
  if (type.kind === 'ref' || type.kind === 'shared') return baseName(type.inner);
  const { name } = type;
  const bracket = name.indexOf('[');
  return bracket <= 0 || name.startsWith('map[') ? name : name.slice(0, bracket);
}
