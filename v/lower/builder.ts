// The block under construction: a list of frames, each of which puts something before "the rest of
// the block", and the SSA values of the variables.
//
// A frame is a function from the rest to the whole, so that `if c { return 1 }` becomes a `case`
// whose other branch is everything that follows, however it is nested, and no exception or flag is
// needed to leave early.

import { type Atom, atom, type Core, caseOf, letIn, sequence, tuple } from '../core.ts';
import type { Local } from '../typed.ts';
import { type FloatOperation, FloatRun } from './float_run.ts';
import { Ranges } from './ranges.ts';

export type Frame = (rest: Core) => Core;

/** What a frame computes, where that is all it does: what it uses, and the names it gives. */
interface Computed {
  readonly core: Core;
  readonly names: readonly string[];
  /** It has no effects and does not fail. */
  readonly pure: boolean;
}

interface Placed {
  readonly frame: Frame;
  readonly computed?: Computed;
  readonly run?: FloatRun;
}

/** How many pure frames a float run may be moved in front of. */
const dependentsMax = 32;

/** Fresh names for one module. */
export class Names {
  private next = 0;
  /** Functions of the module that no V function stands for. */
  readonly lifted: { readonly name: string; readonly params: readonly string[]; body: Core }[] = [];

  variable(hint = 'T'): string {
    const clean = hint.replace(/[^A-Za-z0-9_]/g, '');
    return `_${clean}${this.next++}`;
  }

  label(hint: string): string {
    return `${hint}${this.next++}`;
  }
}

export class Builder {
  private readonly frames: Placed[] = [];
  /** Where the float run is that more operations may join. */
  private openRun: number | undefined;
  readonly env: Map<number, Atom>;
  readonly names: Names;
  /** The block's end is known: it returns, jumps or raises. Nothing can follow. */
  ended: Core | undefined;
  /**
   * Some path through the block leaves it by other means than its end (return, break, continue).
   */
  escaped = false;

  /** What is in tuples that this block, or one around it, has built or taken apart. */
  private readonly tuples = new Map<Atom, readonly Atom[]>();
  /** What is in arrays, which are values, at indices where they have been read or written. */
  private readonly elements = new Map<string, Atom>();
  private readonly around: Builder | undefined;
  ranges: Ranges;

  constructor(
    names: Names,
    env: ReadonlyMap<number, Atom>,
    around?: Builder,
    ranges: Ranges | undefined = around?.ranges,
  ) {
    this.names = names;
    this.env = new Map(env);
    this.around = around;
    this.ranges = new Ranges(ranges);
  }

  /** What is known in the branch that the rest of the block moves into is known from here on. */
  goOnAs(branch: Builder): void {
    this.env.clear();
    for (const [id, value] of branch.env) this.env.set(id, value);
    for (const [name, elements] of branch.tuples) this.tuples.set(name, elements);
    for (const [at, value] of branch.elements) this.elements.set(at, value);
    this.ranges = branch.ranges;
  }

  /** The element of an array that this block, or one around it, has read or written. */
  knownElement(array: Atom, index: Atom): Atom | undefined {
    for (let b: Builder | undefined = this; b; b = b.around) {
      const known = b.elements.get(`${array} ${index}`);
      if (known !== undefined) return known;
    }
    return undefined;
  }

  noteElement(array: Atom, index: Atom, value: Atom): void {
    if (array.startsWith('_')) this.elements.set(`${array} ${index}`, value);
  }

  branch(): Builder {
    return new Builder(this.names, this.env, this);
  }

  /** Builds a tuple whose elements later reads find without looking into it. */
  bindTuple(elements: readonly Atom[]): Atom {
    const name = this.bindPure(tuple(elements));
    this.tuples.set(name, elements);
    return name;
  }

  /** The elements of a tuple, where they are known. */
  elementsOf(value: Atom): readonly Atom[] | undefined {
    for (let b: Builder | undefined = this; b; b = b.around) {
      const known = b.tuples.get(value);
      if (known) return known;
    }
    return undefined;
  }

  /** The elements of a tuple of a known size, taken apart once. */
  takeApart(value: Atom, size: number): readonly Atom[] {
    const known = this.elementsOf(value);
    if (known) return known;
    const names = Array.from({ length: size }, () => this.names.variable('E'));
    this.place({
      frame: (rest) => caseOf(value, [{ pattern: tuple(names), body: rest }]),
      computed: { core: value, names, pure: true },
    });
    this.tuples.set(value, names);
    return names;
  }

  private place(placed: Placed): void {
    if (this.ended === undefined) this.frames.push(placed);
  }

  frame(frame: Frame): void {
    this.place({ frame });
    this.openRun = undefined;
  }

  /** Names a value, so that it is evaluated here and once. */
  bind(core: Core, hint?: string, pure = false): Atom {
    const name = this.names.variable(hint);
    this.place({
      frame: (rest) => letIn([name], core, rest),
      computed: { core, names: [name], pure },
    });
    return name;
  }

  /** Names a value whose evaluation has no effects and does not fail. */
  bindPure(core: Core, hint?: string): Atom {
    return this.bind(core, hint, true);
  }

  /** Evaluates for the effect. */
  run(core: Core): void {
    this.place({
      frame: (rest) => sequence(core, rest),
      computed: { core, names: [], pure: false },
    });
  }

  /** Names the result of a float operation, which is computed together with those around it. */
  float(operation: FloatOperation): Atom {
    const open = this.joinable(operation.operands);
    if (open) return open.add(operation);
    const run = new FloatRun(this.names);
    const result = run.add(operation);
    if (this.ended === undefined) this.openRun = this.frames.length;
    this.place({ frame: (rest) => run.before(rest), run });
    return result;
  }

  /**
   * The open float run, when it can be moved down to where its next operation has its operands: it
   * may pass whatever does not use its results, and what does must be pure to come after the rest.
   */
  private joinable(operands: readonly Atom[]): FloatRun | undefined {
    if (this.openRun === undefined || this.ended !== undefined) return undefined;
    const placed = this.frames[this.openRun] as Placed & { readonly run: FloatRun };
    const { run } = placed;
    if (run.isFull) return undefined;
    const later = new Set<string>();
    const passed: Placed[] = [];
    const dependents: Placed[] = [];
    for (const frame of this.frames.slice(this.openRun + 1)) {
      const { computed } = frame;
      if (!computed) return undefined;
      const uses = computed.core.match(/_\w+/g) ?? [];
      if (!uses.some((name) => run.results.has(name) || later.has(name))) {
        passed.push(frame);
        continue;
      }
      if (!computed.pure || dependents.length >= dependentsMax) return undefined;
      for (const name of computed.names) later.add(name);
      dependents.push(frame);
    }
    if (operands.some((operand) => later.has(operand))) return undefined;
    this.frames.splice(this.openRun, this.frames.length, ...passed, placed, ...dependents);
    this.openRun += passed.length;
    return run;
  }

  end(core: Core): void {
    this.ended ??= core;
  }

  /** The whole block, given what it evaluates to at its end. */
  finish(tail: () => Core): Core {
    let core = this.ended ?? tail();
    for (let i = this.frames.length - 1; i >= 0; i--) core = (this.frames[i] as Placed).frame(core);
    return core;
  }

  read(local: Local): Atom {
    return this.env.get(local.id) ?? atom('undefined_local');
  }

  write(local: Local, value: Atom): void {
    this.env.set(local.id, value);
  }
}
