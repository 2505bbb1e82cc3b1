// What the checker knows while it is inside one function body: scopes, loops, the expected result.

import type { Span } from '../source.ts';
import type { Local, LoopTarget, Place, TExpr, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import type { ComptimeItem } from './comptime_for.ts';
import type { Bindings, Program } from './program.ts';

/** What a name stands for: a variable, or a variable seen through a smart cast. */
export interface Binding {
  readonly local: Local;
  /** How to read it when it is smart-cast. */
  readonly view: { readonly value: TExpr; readonly place: Place | undefined } | undefined;
}

export class Scope {
  readonly parent: Scope | undefined;
  private readonly names = new Map<string, Binding>();
  /** Smart casts of selectors and index expressions, by their source text. */
  private readonly casts = new Map<string, { value: TExpr; place: Place | undefined }>();

  constructor(parent: Scope | undefined) {
    this.parent = parent;
  }

  find(name: string): Binding | undefined {
    for (let s: Scope | undefined = this; s; s = s.parent) {
      const binding = s.names.get(name);
      if (binding) return binding;
    }
    return undefined;
  }

  define(name: string, binding: Binding): void {
    this.names.set(name, binding);
  }

  castOf(path: string): { value: TExpr; place: Place | undefined } | undefined {
    for (let s: Scope | undefined = this; s; s = s.parent) {
      const cast = s.casts.get(path);
      if (cast) return cast;
    }
    return undefined;
  }

  defineCast(path: string, value: TExpr, place: Place | undefined): void {
    this.casts.set(path, { value, place });
  }

  visibleNames(): string[] {
    const names: string[] = [];
    for (let s: Scope | undefined = this; s; s = s.parent) names.push(...s.names.keys());
    return names;
  }
}

export class FnContext {
  readonly program: Program;
  readonly bindings: Bindings;
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
  /** The variable that `it` (or `a`, `b` in sort) stands for is an ordinary scope entry. */
  /** Names that the `:=` being checked is about to declare. */
  declaring: readonly string[] = [];
  /** Fields named by `$for` may be written whatever their declaration says. */
  fieldsWritable = false;
  /** What the variables of the `$for` loops around stand for. */
  readonly comptimeItems = new Map<string, ComptimeItem>();
  /** The name of a `shared` variable may be used as such: it is being locked or handed on. */
  sharedAllowed = false;
  insideDefer = false;
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

  /** The name is a variable of the function around this closure that was not captured. */
  hiddenByClosure(name: string): boolean {
    for (let f = this.outer; f; f = f.outer) {
      if (f.scope.find(name)) return true;
    }
    return false;
  }

  /** The value of a constant: errors propagated out of it panic. */
  get inConst(): boolean {
    return this.program.consts.has(this.displayName);
  }

  resolve(node: import('../ast.ts').TypeNode): Type {
    return this.program.resolve(node, this.bindings);
  }
}
