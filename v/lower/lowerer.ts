// Typed tree -> Core Erlang, one function at a time.
//
// Variables become SSA names; `if` and `match` return the variables their branches change as
// multiple values; loops become `letrec` functions that call themselves in tail position. See
// `builder.ts` for how blocks that can be left early are put together, `branches.ts` for merging,
// `loops.ts` for loops.

import { type Atom, atom, type Core, call, letIn, located, sequence } from '../core.ts';
import type { SourceSet, Span } from '../source.ts';
import type { FnInstance, Local, TBlock, TExpr, TStmt } from '../typed.ts';
import * as types from '../types.ts';
import { Builder, type Names } from './builder.ts';
import type { CellKind, Cells } from './cells.ts';
import { lowerExpr } from './expressions.ts';
import type { Regions } from './regions.ts';
import { lowerStmt } from './statements.ts';

/** What `break` and `continue` of a loop do from a given state of the variables. */
export interface LoopExits {
  readonly id: number;
  readonly onBreak: (l: Lowerer) => Core;
  readonly onContinue: (l: Lowerer) => Core;
  /** Deferred blocks registered outside the loop: those after it run when the loop is left. */
  readonly deferDepth: number;
}

export interface LowererOptions {
  readonly sources: SourceSet;
  readonly names: Names;
  /** The Erlang module, by which its constants are known. */
  readonly module: string;
  readonly result: types.Type;
  readonly cells: Cells;
  readonly regions: Regions;
  /** Parameters that are taken by reference in this version of the function. */
  readonly references: ReadonlySet<Local>;
  /** The function returns what its result leads to. */
  readonly freshResult: boolean;
  /** Parameters that are returned after the result. */
  readonly outs: readonly Local[];
  /** What `$res()` reads. */
  readonly returned?: Local | undefined;
}

export class Lowerer {
  readonly options: LowererOptions;
  b: Builder;
  loops: LoopExits[] = [];
  /** Blocks deferred so far, by enclosing block. */
  defers: TBlock[][] = [];

  constructor(options: LowererOptions, env: ReadonlyMap<number, Atom>) {
    this.options = options;
    this.b = new Builder(options.names, env);
  }

  get names(): Names {
    return this.options.names;
  }

  /** Runs with another block under construction. */
  within<T>(b: Builder, run: () => T): T {
    const before = this.b;
    this.b = b;
    try {
      return run();
    } finally {
      this.b = before;
    }
  }

  locate(core: Core, span: Span): Core {
    const file = this.options.sources.fileAt(span.start);
    return located(core, file.lineOf(span.start), file.path);
  }

  expr(e: TExpr): Atom {
    return lowerExpr(this, e);
  }

  /** The variable holds a reference to its value. */
  isCell(local: Local): boolean {
    return local.cell || this.options.references.has(local);
  }

  readLocal(local: Local): Atom {
    const value = this.b.read(local);
    return this.isCell(local) ? this.b.bind(call('v_ref', 'get', [value]), local.name) : value;
  }

  newCell(kind: CellKind, value: Atom, hint?: string): Atom {
    return this.b.bind(call('v_ref', kind, [value]), hint);
  }

  writeLocal(local: Local, value: Atom): void {
    if (this.isCell(local) && this.b.env.has(local.id))
      this.b.run(call('v_ref', 'put', [this.b.read(local), value]));
    else this.b.write(local, value);
  }

  /** Gives a variable its first value; one whose address is taken gets a cell of its own. */
  declareLocal(local: Local, value: Atom): void {
    const { cells } = this.options;
    this.b.write(
      local,
      local.cell ? this.newCell(cells.variable(local), value, local.name) : value,
    );
  }

  // --- blocks ----------------------------------------------------------------------------------

  /** Lowers a block; its value, when it has one, is the result. */
  block(block: TBlock): Atom | undefined {
    this.defers.push([]);
    for (const s of block.stmts) this.stmt(s);
    let value: Atom | undefined;
    if (this.b.ended === undefined && block.value) value = this.expr(block.value);
    if (this.b.ended === undefined) this.runDefers(this.defers.length - 1);
    this.defers.pop();
    return this.b.ended === undefined ? value : undefined;
  }

  stmt(s: TStmt): void {
    if (this.b.ended === undefined) lowerStmt(this, s);
  }

  /** Runs the blocks deferred at this depth and deeper, the last first. */
  runDefers(from: number): void {
    const pending = this.defers;
    for (let depth = pending.length - 1; depth >= from; depth--) {
      const level = pending[depth] as TBlock[];
      // A deferred block sees neither itself nor the ones before it as pending.
      this.defers = pending.slice(0, depth);
      for (let i = level.length - 1; i >= 0; i--) this.block(level[i] as TBlock);
      this.defers = pending;
    }
  }

  // --- leaving ---------------------------------------------------------------------------------

  /** The term a function returns: its result, and the final values of its `mut` parameters. */
  returnTerm(value: Atom | undefined): Atom {
    const { outs, result } = this.options;
    if (outs.length === 0) return value ?? atom('ok');
    const finals = outs.map((local) => this.readLocal(local));
    const all = value === undefined || result === types.voidType ? finals : [value, ...finals];
    return all.length === 1 ? (all[0] as Atom) : this.b.bind(`{${all.join(',')}}`);
  }

  returnWith(value: Atom | undefined): void {
    const { returned } = this.options;
    if (returned && value !== undefined) this.b.write(returned, value);
    this.runDefers(0);
    this.b.end(this.returnTerm(value));
    this.b.escaped = true;
  }
}

/** What is the same for all functions of a module. */
export type ModuleOptions = Pick<
  LowererOptions,
  'sources' | 'names' | 'module' | 'cells' | 'regions'
>;

/** One Erlang function for one instance. */
export function lowerFunction(
  options: ModuleOptions,
  fn: FnInstance,
): { params: string[]; body: Core } {
  const params = fn.params.map((p) => options.names.variable(p.name));
  const outs = fn.outs.map((i) => fn.params[i] as Local);
  const env = new Map(fn.params.map((p, i) => [p.id, params[i] as Atom] as const));
  const references = new Set((fn.byReference ?? []).map((i) => fn.params[i] as Local));
  const { result, returned } = fn;
  if (returned) env.set(returned.id, atom('ok'));
  const freshResult = fn.freshResult === true;
  const l = new Lowerer({ ...options, references, freshResult, result, outs, returned }, env);
  fn.params.forEach((p, i) => {
    if (p.cell && !references.has(p)) l.declareLocal(p, params[i] as Atom);
  });
  if (fn.body) l.block(fn.body);
  const body = l.b.finish(() => l.within(l.b, () => fallOff(l)));
  return { params, body: options.regions.endWithCall(fn) ? endingCells(options, body) : body };
}

/** The cells that are made meanwhile end with the body. */
function endingCells({ names }: ModuleOptions, body: Core): Core {
  const [mark, result] = [names.variable('Mark'), names.variable('R')];
  const released = sequence(call('v_ref', 'release', [mark]), result);
  return letIn([mark], call('v_ref', 'mark', []), letIn([result], body, released));
}

/** The end of a function that returns nothing. */
export function fallOff(l: Lowerer): Core {
  const t = types.unalias(l.options.result);
  const isEmpty = (t.kind === 'option' || t.kind === 'result') && t.inner === types.voidType;
  const value = isEmpty ? `{'${t.kind === 'option' ? 'some' : 'ok'}','nil'}` : undefined;
  // The term may need frames of its own (reading a cell), which cannot be added while finishing.
  const inner = l.b.branch();
  return l.within(inner, () => {
    const term = l.returnTerm(value);
    return inner.finish(() => term);
  });
}
