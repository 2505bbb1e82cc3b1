// The block under construction: a list of frames, each of which puts something before "the rest of
// the block", and the SSA values of the variables.
//
// A frame is a function from the rest to the whole, so that `if c { return 1 }` becomes a `case`
// whose other branch is everything that follows, however it is nested, and no exception or flag is
// needed to leave early.

import { type Atom, atom, type Core, letIn, sequence } from '../core.ts';
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

  constructor(names: Names, env: ReadonlyMap<number, Atom>) {
    this.names = names;
    this.env = new Map(env);
  }

  branch(): Builder {
    return new Builder(this.names, this.env);
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
