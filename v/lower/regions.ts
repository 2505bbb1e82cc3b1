// Where the cells of a process end. A cell lasts until its process ends, unless it is known that
// nobody can lead to it any more:
//
// * A call whose arguments and result hold no references cannot give away a cell that was made in
//   it, as long as nothing it reaches is a global that may hold one: its cells end when it returns.
// * A round of a loop that takes nothing that may hold references from before it to after it ends
//   the cells that were made in it.
//
// Cells are numbered in the order in which they are made, so what ends is all from a number on
// (`v_ref:mark/0`, `v_ref:release/1`). Cells that several threads reach are in a table and stay.

import { type Visitor, visitBlock, visitExpr, visitStmt } from '../check/mutation.ts';
import type { FnInstance, Local, TBlock, TExpr, TProgram, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';

/** What says of a type and a variable that their cells are those of one process. */
interface OwnCells {
  readonly fresh: (type: Type) => string;
  readonly variable: (local: Local) => string;
}

/** What some code does, by itself and through what it calls. */
interface Effects {
  /** It may make cells of this process. */
  makes: boolean;
  /** It reaches globals that may hold references. */
  reaches: boolean;
  readonly calls: Set<FnInstance>;
}

export class Regions {
  private readonly effects = new Map<FnInstance, Effects>();
  /** A version of a function has the same body. */
  private readonly byBody = new Map<TBlock, Effects>();
  private readonly known = new Map<Type, boolean>();
  private readonly cells: OwnCells;
  private readonly boxed: readonly Type[];

  constructor(program: TProgram, cells: OwnCells) {
    this.cells = cells;
    this.boxed = program.boxedTypes;
    for (const fn of [...program.functions, ...program.exports]) {
      const found = this.effectsOf((v) => fn.body && visitBlock(fn.body, v));
      if (fn.params.some((p) => p.cell)) found.makes = true;
      this.effects.set(fn, found);
      if (fn.body) this.byBody.set(fn.body, found);
    }
    this.spread();
  }

  /** What a function calls does what it does. */
  private spread(): void {
    const callers = new Map<FnInstance, FnInstance[]>();
    for (const [fn, { calls }] of this.effects) {
      for (const callee of calls) callers.set(callee, [...(callers.get(callee) ?? []), fn]);
    }
    for (const what of ['makes', 'reaches'] as const) {
      const queue = [...this.effects].filter(([, e]) => e[what]).map(([fn]) => fn);
      for (let fn = queue.pop(); fn; fn = queue.pop()) {
        for (const caller of callers.get(fn) ?? []) {
          const effects = this.effects.get(caller) as Effects;
          if (effects[what]) continue;
          effects[what] = true;
          queue.push(caller);
        }
      }
    }
  }

  private effectsOf(visit: (v: Visitor) => void): Effects {
    const found: Effects = { makes: false, reaches: false, calls: new Set() };
    const visitor: Visitor = {
      write: () => undefined,
      stmt: (s) => {
        const locals = s.kind === 'let' ? [s.local] : s.kind === 'unpack' ? s.locals : [];
        if (locals.some((l) => l.cell && this.cells.variable(l) === 'new')) found.makes = true;
        if (s.kind === 'range' && s.local.cell) found.makes = true;
        if (s.kind === 'each' && (s.value.cell || s.key?.cell)) found.makes = true;
      },
      expr: (e) => {
        if (e.kind === 'newCell' && this.cells.fresh(e.value.type) === 'new') found.makes = true;
        if (e.kind === 'call' || e.kind === 'fnRef') found.calls.add(e.fn);
        if (e.kind === 'const' && this.globalHolds(e.type)) found.reaches = true;
        if (e.kind !== 'closure') return;
        if (e.captures.some((c) => c.inner.cell) || e.params.some((p) => p.cell))
          found.makes = true;
        visitBlock(e.body, visitor);
      },
      place: (p) => {
        if (p.kind !== 'accessors') return;
        found.calls.add(p.get);
        found.calls.add(p.set);
      },
    };
    visit(visitor);
    return found;
  }

  /** A global is a cell; what counts is what is in it. */
  private globalHolds(type: Type): boolean {
    const t = types.unalias(type);
    return this.holds(t.kind === 'ref' ? t.inner : t);
  }

  /** Values of this type may lead to cells. */
  holds(type: Type): boolean {
    let found = this.known.get(type);
    if (found === undefined) {
      found = this.holdsWithin(type);
      this.known.set(type, found);
    }
    return found;
  }

  private holdsWithin(start: Type): boolean {
    const seen = new Set<Type>();
    const queue = [start];
    for (let next = queue.pop(); next; next = queue.pop()) {
      const t = types.unalias(next);
      if (seen.has(t)) continue;
      seen.add(t);
      const parts = this.partsOf(t);
      if (parts === undefined) return true;
      queue.push(...parts);
    }
    return false;
  }

  /** The types of what is in a value; undefined when it is, or hides, a reference. */
  private partsOf(t: Type): readonly Type[] | undefined {
    switch (t.kind) {
      case 'array':
      case 'fixed':
        return [t.element];
      case 'map':
        return [t.key, t.value];
      case 'option':
        return [t.inner];
      case 'result':
        // Its error is an interface value.
        return [t.inner, ...this.boxed];
      case 'struct':
        return t.decl.union ? undefined : t.fields.map((f) => f.type);
      case 'sum':
        return t.variants;
      case 'tuple':
        return t.types;
      case 'interface':
        return this.boxed;
      case 'int':
      case 'float':
      case 'bool':
      case 'string':
      case 'void':
      case 'none':
      case 'enum':
        return t === types.voidptr ? undefined : [];
      default:
        return undefined;
    }
  }

  /** Cells that a call of the function makes end when it returns. */
  endWithCall(fn: FnInstance): boolean {
    const effects = fn.body && this.byBody.get(fn.body);
    if (!effects?.makes || effects.reaches || fn.freshResult) return false;
    return !this.holds(fn.result) && !fn.params.some((p) => this.holds(p.type));
  }

  /**
   * Cells that a round of a loop makes end with it. `outside` tells the variables that were there
   * before the loop.
   */
  endWithRound(
    parts: { stmts: readonly TStmt[]; body: TBlock; condition?: TExpr | undefined },
    outside: (local: Local) => boolean,
  ): boolean {
    let keeps = false;
    const use = (local: Local): void => {
      if (!keeps && outside(local) && this.holds(local.type)) keeps = true;
    };
    const uses: Visitor = {
      write: use,
      stmt: (s) => {
        if (s.kind === 'defer' && s.atFunctionEnd) keeps = true;
      },
      expr: (e) => {
        if (e.kind === 'local') use(e.local);
        if (e.kind !== 'closure') return;
        for (const c of e.captures) use(c.outer);
        visitBlock(e.body, uses);
      },
      place: (p) => {
        if (p.kind === 'local') use(p.local);
      },
    };
    const visit = (v: Visitor): void => {
      visitBlock(parts.body, v);
      for (const s of parts.stmts) visitStmt(s, v);
      if (parts.condition) visitExpr(parts.condition, v);
    };
    visit(uses);
    if (keeps) return false;
    const effects = this.effectsOf(visit);
    const called = [...effects.calls].map((fn) => this.effects.get(fn));
    // What a call ends itself is nothing that the round has to end.
    const makes =
      effects.makes ||
      [...effects.calls].some((fn) => this.effects.get(fn)?.makes && !this.endWithCall(fn));
    return makes && !effects.reaches && !called.some((e) => e?.reaches);
  }
}
