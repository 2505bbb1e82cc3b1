// Which variables live in cells, and what kind of cell a reference leads to. Runs over the whole
// program before it is lowered.
//
// * A variable is a cell when its address is taken, or when it is handed to a `mut` parameter that
//   is one. A `mut` argument reached through a reference is passed as a reference, to a version of
//   the function made for it, so that nothing that others see is a copy.
// * A parameter `&T` that is only read through is `borrowed`: a value passed to it needs no cell.
// * A variable holding `&T{…}` that never leaves its function is `unboxed`: it is the value.
// * What no reference of its type ever writes to is a `box`, which the garbage collector frees.
// * What another thread may reach is `shared`: its cell lives in a table.

import { type PlaceUse, rootOf, type Visitor, visitBlock, visitExpr } from '../check/mutation.ts';
import { atom } from '../core.ts';
import type { Arg, FnInstance, Local, Place, TExpr, TProgram, TStmt } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';
import { reachableCells } from './reach.ts';

export type CellKind = 'new' | 'box' | 'shared';

/** How the variables of a reference type are used. */
interface Uses {
  /** Occurrences of the variable, and those among them that only follow the reference. */
  all: number;
  reads: number;
  writes: number;
  /** Handed to these parameters. */
  readonly handed: Local[];
  /** Declared with a fresh cell as its value, or with the result of a call. */
  fresh: boolean;
  call: FnInstance | undefined;
  /** How often it is what a function returns, and which. */
  returned: number;
  home: FnInstance | undefined;
  /** Assigned again, captured, or otherwise more than a name for one reference. */
  kept: boolean;
}

interface MutArgument {
  readonly param: Local;
  readonly place: Place;
}

const unknownValue: TExpr = {
  kind: 'bad',
  type: types.errorType,
  span: { start: 0, end: 0 },
};

class Usage {
  readonly uses = new Map<Local, Uses>();
  readonly mutArguments: MutArgument[] = [];
  /** What references of these types are written through, or have their insides referred to. */
  readonly written = new Set<Type>();
  /** Functions that are used as values: their callers do not know them. */
  readonly named = new Set<FnInstance>();
  /** Variables that one call is given in two ways. */
  readonly aliased = new Set<Local>();
  /** Variables that are written besides being declared. */
  readonly changed = new Set<Local>();
  /** From the type of a referenced part to the type of the whole it is part of. */
  readonly parts: (readonly [Type, Type])[] = [];
  /** Variables of the declaration that is being entered. */
  private readonly declaring = new Set<Local>();
  private inClosure = false;
  private current: FnInstance | undefined;
  /** What functions return; none for those whose result may be seen otherwise. */
  readonly returns = new Map<FnInstance, TExpr[]>();

  enter(fn: FnInstance | undefined): void {
    this.current = fn;
    if (fn && types.unalias(fn.result).kind === 'ref' && !this.returns.has(fn))
      this.returns.set(fn, []);
  }

  private leave(s: TStmt & { kind: 'return' | 'defer' }): void {
    const known = this.current && this.returns.get(this.current);
    if (!known || this.inClosure) return;
    // What is deferred may change what was returned.
    if (s.kind === 'defer' || !s.value) known.push(unknownValue);
    else {
      known.push(s.value);
      if (s.value.kind !== 'local') return;
      const uses = this.of(s.value.local);
      uses.returned++;
      uses.home = this.current;
    }
  }

  of(local: Local): Uses {
    let uses = this.uses.get(local);
    if (!uses) {
      uses = {
        all: 0,
        reads: 0,
        writes: 0,
        handed: [],
        fresh: false,
        call: undefined,
        returned: 0,
        home: undefined,
        kept: false,
      };
      this.uses.set(local, uses);
    }
    return uses;
  }

  readonly visitor: Visitor = {
    write: (local) => {
      if (!this.declaring.delete(local)) this.changed.add(local);
    },
    stmt: (s) => {
      if (s.kind === 'let') this.declaring.add(s.local);
      if (s.kind === 'let' && s.value.kind === 'newCell') this.of(s.local).fresh = true;
      if (s.kind === 'let' && s.value.kind === 'call') this.of(s.local).call = s.value.fn;
      if (s.kind === 'return' || s.kind === 'defer') this.leave(s);
      if (s.kind === 'assign' && s.place.kind === 'local') this.of(s.place.local).kept = true;
      if (s.kind === 'unpack') {
        for (const l of s.locals) {
          this.declaring.add(l);
          this.of(l).kept = true;
        }
      }
      if (s.kind === 'each') for (const l of [s.key, s.value]) if (l) this.of(l).kept = true;
    },
    expr: (e) => this.expr(e),
    place: (p, use) => this.place(p, use),
  };

  /** A variable that a closure writes to, too. */
  private shareCell(local: Local): void {
    local.cell = true;
    this.changed.add(local);
  }

  private expr(e: TExpr): void {
    if (e.kind === 'local') {
      this.of(e.local).all++;
      if (this.inClosure) this.of(e.local).kept = true;
    }
    if (e.kind === 'call') this.args(e.fn, e.args);
    if (e.kind === 'fnRef') this.named.add(e.fn);
    if (e.kind === 'runtime' && e.module === 'v_sync') {
      for (const t of e.args.map((a) => types.unalias(a.type)))
        if (t.kind === 'ref') this.written.add(types.unalias(t.inner));
    }
    if (e.kind !== 'closure') return;
    for (const c of e.captures) {
      if (c.byReference) for (const l of [c.outer, c.inner]) this.shareCell(l);
      this.of(c.outer).kept = true;
      this.of(c.inner).kept = true;
    }
    const before = this.inClosure;
    this.inClosure = true;
    visitBlock(e.body, this.visitor);
    this.inClosure = before;
  }

  /** Parameters of one call that lead to the same variable must not see copies of it. */
  private entwined(args: readonly Arg[]): void {
    const changed = new Set(
      args.flatMap((a) => (a.kind === 'mut' ? (ownerOf(a.place) ?? []) : [])),
    );
    if (changed.size === 0) return;
    let mutable = 0;
    for (const a of args) {
      const reference =
        a.kind === 'value' && a.value.kind === 'addressOf' ? a.value.place : undefined;
      const owner =
        a.kind === 'value' && a.value.kind === 'local'
          ? a.value.local
          : reference && ownerOf(reference);
      if (a.kind === 'mut') mutable++;
      else if (owner && changed.has(owner)) this.aliased.add(owner);
    }
    if (mutable > changed.size) for (const local of changed) this.aliased.add(local);
  }

  private args(fn: FnInstance, args: readonly Arg[]): void {
    this.entwined(args);
    args.forEach((a, i) => {
      const param = fn.params[i];
      if (!param) return;
      if (a.kind === 'mut') this.mutArguments.push({ param, place: a.place });
      else if (a.value.kind === 'local') this.of(a.value.local).handed.push(param);
    });
  }

  private place(p: Place, use: PlaceUse): void {
    if (p.kind === 'target') {
      if (use !== 'read') this.written.add(types.unalias(p.type));
      if (p.reference.kind !== 'local') return;
      const uses = this.of(p.reference.local);
      if (use === 'read') uses.reads++;
      else if (use === 'write') uses.writes++;
      return;
    }
    if (p.kind === 'local' && use === 'read') this.of(p.local).all++;
    if (use !== 'address') return;
    if (p.kind !== 'local') this.parts.push([p.type, p.base.type]);
  }
}

/** The variable that holds a place, or that holds the reference to it. */
function ownerOf(place: Place): Local | undefined {
  if (place.kind === 'local') return place.local;
  if (place.kind === 'target')
    return place.reference.kind === 'local' ? place.reference.local : undefined;
  return ownerOf(place.base);
}

/** Parameters and variables whose address is taken, directly or by whom they are handed to. */
function markCells(program: TProgram, usage: Usage): void {
  const addressed: Visitor = {
    write: () => undefined,
    expr: (e) => {
      if (e.kind === 'closure') visitBlock(e.body, addressed);
      if (e.kind === 'call') {
        e.args.forEach((a, i) => {
          if (a.kind === 'value') markAddressed(a.value, e.fn.params[i]?.borrowed === true);
        });
      }
    },
    place: (p, use) => {
      if (use === 'address' && p.kind === 'local' && !lent.has(p)) p.local.cell = true;
    },
  };
  const lent = new Set<Place>();
  const markAddressed = (e: TExpr, borrowed: boolean): void => {
    for (let p = e.kind === 'addressOf' && borrowed ? e.place : undefined; p; ) {
      lent.add(p);
      p = p.kind === 'local' || p.kind === 'target' ? undefined : p.base;
    }
  };
  visitProgram(program, addressed);
  for (const local of usage.aliased) {
    if (types.unalias(local.type).kind === 'ref') usage.of(local).kept = true;
    else local.cell = true;
  }
  for (let again = true; again; ) {
    again = false;
    for (const { param, place } of usage.mutArguments) {
      const root = param.cell ? rootOf(place) : undefined;
      if (root && !root.cell) {
        root.cell = true;
        again = true;
      }
    }
  }
}

function visitProgram(
  program: TProgram,
  visitor: Visitor,
  enter?: (fn: FnInstance | undefined) => void,
): void {
  for (const fn of [...program.functions, ...program.exports]) {
    enter?.(fn);
    if (fn.body) visitBlock(fn.body, visitor);
  }
  enter?.(undefined);
  for (const c of program.consts) if (c.value) visitExpr(c.value, visitor);
}

/** Parameters that are only read through, or handed on to others of the kind. */
function markBorrowed(program: TProgram, usage: Usage): void {
  const candidates = program.functions.flatMap((fn) =>
    fn.params.filter((p) => {
      if (types.unalias(p.type).kind !== 'ref' || p.mut) return false;
      const uses = usage.of(p);
      return !uses.kept && uses.writes === 0 && uses.all === uses.reads + uses.handed.length;
    }),
  );
  for (const p of candidates) p.borrowed = true;
  for (let again = true; again; ) {
    again = false;
    for (const p of candidates) {
      if (p.borrowed && usage.of(p).handed.some((to) => !to.borrowed)) {
        p.borrowed = false;
        again = true;
      }
    }
  }
}

/** Functions whose result is always a reference that nobody else holds. */
function markFreshResults(program: TProgram, usage: Usage, alone: (local: Local) => boolean): void {
  const candidates = [...usage.returns].filter(
    ([fn, values]) =>
      values.length > 0 && !usage.named.has(fn) && !program.exports.includes(fn) && fn.body,
  );
  for (const [fn] of candidates) fn.freshResult = true;
  for (let again = true; again; ) {
    again = false;
    for (const [fn, values] of candidates) {
      const isFresh = (e: TExpr): boolean =>
        e.kind === 'newCell' ||
        (e.kind === 'call' && e.fn.freshResult === true) ||
        (e.kind === 'local' && alone(e.local));
      if (fn.freshResult && !values.every(isFresh)) {
        fn.freshResult = false;
        again = true;
      }
    }
  }
}

/** Variables that hold a reference nobody else ever holds. */
function markUnboxed(program: TProgram, usage: Usage): void {
  const passed = new Set<Local>();
  for (const { param, place } of usage.mutArguments) {
    if (!param.cell) continue;
    let p = place;
    while (p.kind !== 'local' && p.kind !== 'target') p = p.base;
    if (p.kind === 'target' && p.reference.kind === 'local') passed.add(p.reference.local);
  }
  const alone = (local: Local): boolean => {
    const uses = usage.of(local);
    const returned = uses.home?.freshResult ? uses.returned : 0;
    return (
      (uses.fresh || uses.call?.freshResult === true) &&
      !uses.kept &&
      !local.cell &&
      !passed.has(local) &&
      uses.handed.every((to) => to.borrowed) &&
      uses.all === uses.reads + uses.writes + uses.handed.length + returned
    );
  };
  markFreshResults(program, usage, alone);
  for (const local of usage.uses.keys()) local.unboxed = alone(local);
}

/** Who writes to a part writes to the whole. */
function writtenWholes(usage: Usage): Set<Type> {
  const { written } = usage;
  for (let again = true; again; ) {
    again = false;
    for (const [part, whole] of usage.parts) {
      const w = types.unalias(whole);
      if (written.has(types.unalias(part)) && !written.has(w)) {
        written.add(w);
        again = true;
      }
    }
  }
  return written;
}

/** What the lowering asks about cells. */
export class Cells {
  private readonly written: ReadonlySet<Type>;
  private readonly shared: (type: Type) => boolean;
  private readonly changed: ReadonlySet<Local>;
  /** Versions of functions that take some `mut` parameters by reference, by their name. */
  private readonly versions = new Map<string, FnInstance>();

  constructor(program: TProgram) {
    const usage = new Usage();
    visitProgram(program, usage.visitor, (fn) => usage.enter(fn));
    markBorrowed(program, usage);
    markCells(program, usage);
    markUnboxed(program, usage);
    for (const type of program.recast) usage.written.add(types.unalias(type));
    this.written = writtenWholes(usage);
    this.changed = usage.changed;
    this.shared = reachableCells(program, usage.parts);
  }

  /** What `&T{…}` makes. */
  fresh(type: Type): CellKind {
    const t = types.unalias(type);
    if (!this.written.has(t)) return 'box';
    return this.shared(t) ? 'shared' : 'new';
  }

  /** What a variable that is a cell is. */
  variable(local: Local): CellKind {
    if (!this.changed.has(local)) return this.fresh(local.type);
    return this.shared(types.unalias(local.type)) ? 'shared' : 'new';
  }

  /** Writes to what such a reference leads to may race with those of other threads. */
  mayRace(type: Type): boolean {
    return this.shared(types.unalias(type));
  }

  /** The version of a function that takes the parameters of these indices by reference. */
  version(fn: FnInstance, byReference: readonly number[]): FnInstance {
    if (byReference.length === 0) return fn;
    const name = `${fn.name}&${byReference.join()}`;
    let made = this.versions.get(atom(name));
    if (!made) {
      const outs = fn.outs.filter((i) => !byReference.includes(i));
      made = { ...fn, name, outs, byReference };
      this.versions.set(atom(name), made);
    }
    return made;
  }

  /** The version of this name, which is given as Core Erlang writes it. */
  versionNamed(written: string): FnInstance | undefined {
    return this.versions.get(written);
  }
}
