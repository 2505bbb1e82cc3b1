// What the checker knows while it is inside one function body: scopes, loops, the expected result.

import type { Expr, FnDecl, TypeNode } from '../ast.ts';
import type { Diagnostic, Span } from '../source.ts';
import type { Local, LoopTarget, Place, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import type { ComptimeItem } from './comptime_items.ts';
import type { Bindings, Program } from './program.ts';

export interface View {
  readonly value: TExpr;
  readonly place: Place | undefined;
  /** A smart cast, and not what the name stands for anyway. */
  readonly cast?: boolean;
}

/** What a name stands for: a variable, or a variable seen through a smart cast. */
export interface Binding {
  readonly local: Local;
  /** How to read it when it is smart-cast. */
  readonly view: View | undefined;
  /** The name is the variable of a `$for`. */
  readonly item?: ComptimeItem;
}

function isOption(view: View): boolean {
  return types.unalias(view.value.type).kind === 'option';
}

export class Scope {
  readonly parent: Scope | undefined;
  // Most blocks declare little and cast nothing: each map is made when something is put in it.
  private names: Map<string, Binding> | undefined;
  /** Smart casts of selectors and index expressions, by their source text. */
  private casts: Map<string, View | undefined> | undefined;
  /**
   * Options known to hold a value since something was assigned to them: members are reached
   * through them, but as a whole they are options still. Undefined ends an outer one.
   */
  private filled: Map<string, View | undefined> | undefined;
  /** What asserts before have shown, for the asserts after them. */
  asserted: (() => void)[] | undefined;

  constructor(parent: Scope | undefined) {
    this.parent = parent;
  }

  find(name: string): Binding | undefined {
    for (let s: Scope | undefined = this; s; s = s.parent) {
      const binding = s.names?.get(name);
      if (binding) return binding;
    }
    return undefined;
  }

  /** The name without the smart casts around, or with those that leave it an option. */
  findOriginal(name: string, asOption = false): Binding | undefined {
    let local: Local | undefined;
    for (let s: Scope | undefined = this; s; s = s.parent) {
      const binding = s.names?.get(name);
      if (binding && (!binding.view?.cast || (asOption && isOption(binding.view)))) return binding;
      local = binding?.local ?? local;
    }
    // A cast of the rest of the block stands in the place of the name itself.
    return local && { local, view: undefined };
  }

  define(name: string, binding: Binding): void {
    this.names ??= new Map();
    this.names.set(name, binding);
  }

  castOf(path: string): View | undefined {
    for (let s: Scope | undefined = this; s; s = s.parent) {
      if (s.casts?.has(path)) return s.casts.get(path);
    }
    return undefined;
  }

  /** The cast that makes the path an option, without those that unwrap it. */
  optionCastOf(path: string): View | undefined {
    for (let s: Scope | undefined = this; s; s = s.parent) {
      const cast = s.casts?.get(path);
      if (cast && isOption(cast)) return cast;
    }
    return undefined;
  }

  defineCast(path: string, value: TExpr, place: Place | undefined): void {
    this.setCast(path, { value, place });
  }

  /** A path that stands for a locked value, whatever the smart casts around. */
  defineLocked(path: string, value: TExpr, place: Place): void {
    this.setCast(path, { value, place, cast: false });
  }

  private setCast(path: string, view: View | undefined): void {
    this.casts ??= new Map();
    this.casts.set(path, view);
  }

  filledOf(name: string): View | undefined {
    for (let s: Scope | undefined = this; s; s = s.parent) {
      if (s.filled?.has(name)) return s.filled.get(name);
    }
    return undefined;
  }

  defineFilled(name: string, view: View | undefined): void {
    this.filled ??= new Map();
    this.filled.set(name, view);
  }

  /** Something else was assigned to `path`: what was known of it and its parts is over. */
  endCasts(path: string): void {
    const concerns = (key: string): boolean =>
      key === path || key.startsWith(`${path}.`) || key.startsWith(`${path}[`);
    for (let s: Scope | undefined = this; s; s = s.parent) {
      for (const key of s.casts?.keys() ?? []) if (concerns(key)) this.setCast(key, undefined);
    }
    const original = this.findOriginal(path);
    if (original && this.find(path) !== original) this.define(path, original);
    if (this.filledOf(path)) this.defineFilled(path, undefined);
  }

  visibleNames(): string[] {
    const names: string[] = [];
    for (let s: Scope | undefined = this; s; s = s.parent) names.push(...(s.names?.keys() ?? []));
    return names;
  }
}

export class FnContext {
  readonly program: Program;
  /** What the names of type parameters, local structs and `$for` variables stand for. */
  bindings: Bindings;
  readonly result: Type;
  readonly displayName: string;
  scope: Scope;
  readonly loops: LoopTarget[] = [];
  /** Every variable declared in the body, for the warnings about unused ones. */
  readonly locals: Local[] = [];
  /** Copies of variables of the function around a closure. */
  readonly captured = new Set<Local>();
  /**
   * Statements that an expression needs before itself; flushed into the block at each statement.
   */
  hoisted: TStmt[] = [];
  /** Arguments that were checked to infer the type arguments of the call they belong to. */
  readonly checkedArgs = new Map<Expr, TExpr>();
  /** Those that turned out to be wrong, with what is to be said about them. */
  readonly failedArgs = new Map<Expr, readonly Diagnostic[]>();
  /** The variable that `it` (or `a`, `b` in sort) stands for is an ordinary scope entry. */
  /** Names that the `:=` being checked is about to declare. */
  declaring: readonly string[] = [];
  /** Fields named by `$for` may be written whatever their declaration says. */
  fieldsWritable = false;
  /** Places are looked up to be read, or to have their address taken: they need not be `mut`. */
  placesReadOnly = false;
  /** The path that is read or written as it was declared, whatever it has been cast to. */
  uncast: string | undefined;
  /** With it: casts that give an option still count. */
  private uncastToOption = false;
  /** An expression that may be changed although it is immutable: the receiver of `x.$method()`. */
  writable: Expr | undefined;
  /** The call whose value nobody wants, as it is a statement. */
  statementCall: Expr | undefined;
  /** A selector that names its field through `$for`: it need not be public. */
  open: Expr | undefined;
  /** The method of the `$for` around, which `x.$method()` calls whatever the name. */
  method: ComptimeItem | undefined;
  /** The variadic parameter, whose type V shows as `...T`. */
  variadic: Local | undefined;
  /** The declaration whose body this is. */
  decl: FnDecl | undefined;
  /** The name of a `shared` variable may be used as such: it is being locked or handed on. */
  sharedAllowed = false;
  /** How often the code being checked is compiled, for the types of the branches around it. */
  bodyCopies = 1;
  /** Variables that stand for values that are locked for reading only. */
  readonly readLocked = new Set<Local>();
  /** Expressions in which `shared` values were read that are not locked. */
  readonly unlockedReads: Expr[] = [];
  insideDefer = false;
  /** Statements to put before all others of the function. */
  atStart: TStmt[] = [];
  /** The variable that `$res()` reads, once a deferred block asked for it. */
  returned: Local | undefined;
  insideUnsafe = false;
  /** For a closure: the context around it, whose variables need to be captured. */
  readonly outer: FnContext | undefined;

  constructor(
    program: Program,
    displayName: string,
    result: Type,
    bindings: Bindings,
    outer?: FnContext,
  ) {
    this.program = program;
    this.displayName = displayName;
    this.result = result;
    this.bindings = bindings;
    this.outer = outer;
    this.scope = new Scope(undefined);
  }

  error(message: string, span: Span, details?: string): void {
    this.program.error(message, span, details);
  }

  /** Runs with a new innermost scope. */
  scoped<T>(run: () => T): T {
    const before = this.scope;
    this.scope = new Scope(before);
    try {
      return run();
    } finally {
      this.scope = before;
    }
  }

  /** Declares a variable in the innermost scope; a second one of the same name is V's error. */
  declare(name: string, type: Type, span: Span, mut: boolean): Local {
    const local = this.program.newLocal(name, type, span, mut);
    if (name === '_') return local;
    const known = this.scope.find(name);
    if (known && known.local.span.start !== span.start) {
      this.error(`redefinition of \`${name}\``, span);
      known.local.used = true;
    }
    this.scope.define(name, { local, view: undefined });
    this.locals.push(local);
    return local;
  }

  /** A variable of our own that no source name refers to. */
  temporary(name: string, type: Type, span: Span): Local {
    const local = this.program.newLocal(name, type, span, true);
    local.used = true;
    return local;
  }

  /** What a name stands for here; its smart casts count unless it is asked for as declared. */
  lookup(name: string): Binding | undefined {
    return this.uncast === name
      ? this.scope.findOriginal(name, this.uncastToOption)
      : this.scope.find(name);
  }

  /** The smart cast of a path that is more than a name. */
  castOf(path: string | undefined): View | undefined {
    if (path === undefined) return undefined;
    const cast = this.scope.castOf(path);
    if (this.uncast !== path || cast?.cast === false) return cast;
    return this.uncastToOption ? this.scope.optionCastOf(path) : undefined;
  }

  /** Runs with `path` as it was declared. */
  withoutCast<T>(path: string | undefined, run: () => T, asOption = false): T {
    const before = [this.uncast, this.uncastToOption] as const;
    [this.uncast, this.uncastToOption] = [path, asOption];
    try {
      return run();
    } finally {
      [this.uncast, this.uncastToOption] = before;
    }
  }

  /** Runs with `path` as the option that it was before it was found to hold a value. */
  asOption<T>(path: string | undefined, run: () => T): T {
    return this.withoutCast(path, run, true);
  }

  /** The name is a variable of the function around this closure that was not captured. */
  hiddenByClosure(name: string): boolean {
    for (let f = this.outer; f; f = f.outer) {
      if (f.scope.find(name)) return true;
    }
    return false;
  }

  /** The value of a constant: errors propagated out of it panic. */
  get inConst(): boolean {
    const { consts, globals } = this.program;
    return consts.has(this.displayName) || globals.has(this.displayName);
  }

  resolve(node: TypeNode): Type {
    return this.program.resolveIn(this, node);
  }
}
