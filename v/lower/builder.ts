// The block under construction: a list of frames, each of which puts something before "the rest of
// the block", and the SSA values of the variables.
//
// A frame is a function from the rest to the whole, so that `if c { return 1 }` becomes a `case`
// whose other branch is everything that follows, however it is nested, and no exception or flag is
// needed to leave early.

import { type Atom, atom, type Core, caseOf, letIn, sequence, tuple } from '../core.ts';
import type { Local } from '../typed.ts';

export type Frame = (rest: Core) => Core;

/** Fresh names for one module. */
export class Names {
  private next = 0;

  variable(hint = 'T'): string {
    const clean = hint.replace(/[^A-Za-z0-9_]/g, '');
    return `_${clean}${this.next++}`;
  }

  label(hint: string): string {
    return `${hint}${this.next++}`;
  }
}

export class Builder {
  private readonly frames: Frame[] = [];
  readonly env: Map<number, Atom>;
  private readonly names: Names;
  /** The block's end is known: it returns, jumps or raises. Nothing can follow. */
  ended: Core | undefined;
  /**
   * Some path through the block leaves it by other means than its end (return, break, continue).
   */
  escaped = false;

  /** What is in tuples that this block, or one around it, has built or taken apart. */
  private readonly tuples = new Map<Atom, readonly Atom[]>();
  private readonly around: Builder | undefined;

  constructor(names: Names, env: ReadonlyMap<number, Atom>, around?: Builder) {
    this.names = names;
    this.env = new Map(env);
    this.around = around;
  }

  branch(): Builder {
    return new Builder(this.names, this.env, this);
  }

  /** Builds a tuple whose elements later reads find without looking into it. */
  bindTuple(elements: readonly Atom[]): Atom {
    const name = this.bind(tuple(elements));
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
    this.frame((rest) => caseOf(value, [{ pattern: tuple(names), body: rest }]));
    this.tuples.set(value, names);
    return names;
  }

  frame(frame: Frame): void {
    if (this.ended === undefined) this.frames.push(frame);
  }

  /** Names a value, so that it is evaluated here and once. */
  bind(core: Core, hint?: string): Atom {
    const name = this.names.variable(hint);
    this.frame((rest) => letIn([name], core, rest));
    return name;
  }

  /** Evaluates for the effect. */
  run(core: Core): void {
    this.frame((rest) => sequence(core, rest));
  }

  end(core: Core): void {
    this.ended ??= core;
  }

  /** The whole block, given what it evaluates to at its end. */
  finish(tail: () => Core): Core {
    let core = this.ended ?? tail();
    for (let i = this.frames.length - 1; i >= 0; i--) core = (this.frames[i] as Frame)(core);
    return core;
  }

  read(local: Local): Atom {
    return this.env.get(local.id) ?? atom('undefined_local');
  }

  write(local: Local, value: Atom): void {
    this.env.set(local.id, value);
  }
}
