// Putting branches back together: the values and changed variables of each become those of the
// block around.

import { type Atom, apply, atom, type Core, letIn, letrec, sequence, values } from '../core.ts';
import type { Builder } from './builder.ts';
import type { Lowerer } from './lowerer.ts';
import { union } from './ranges.ts';

/** Longest rest of a block that is repeated in every branch. */
const shortRestMax = 120;

export interface Branch {
  readonly b: Builder;
  /** What the branch evaluates to, when the construct has a value. */
  readonly value: Atom | undefined;
}

/** A branch that is taken when the condition, if there is one, is `holds`. */
export function lowerBranch(
  l: Lowerer,
  run: () => Atom | undefined,
  condition?: Atom,
  holds = true,
): Branch {
  const b = l.b.branch();
  if (condition !== undefined) b.ranges.assume(condition, holds);
  const value = l.within(b, run);
  return { b, value };
}

/**
 * Merges branches into the current block. `make` puts the finished branches into the `case`. Three
 * forms:
 * - no branch leaves the block early: the `case` returns values and changed variables;
 * - one branch goes on: the rest of the block moves into it;
 * - several go on and one leaves: the rest becomes a local function that those branches call in
 *   tail position. (`letrec_goto`, which would be a plain jump, crashes OTP 25's compiler when a
 *   condition turns out to be constant.)
 */
export function merge(
  l: Lowerer,
  branches: readonly Branch[],
  hasValue: boolean,
  make: (bodies: readonly Core[]) => Core,
): Atom | undefined {
  const { b } = l;
  if (b.ended !== undefined) return undefined;
  const alive = branches.filter((x) => x.b.ended === undefined);
  const escaped = branches.some((x) => x.b.escaped);
  if (escaped) b.escaped = true;
  if (alive.length === 0) {
    b.end(make(branches.map((x) => x.b.finish(() => atom('ok')))));
    return undefined;
  }
  if (escaped && alive.length === 1) return continueIn(b, branches, alive[0] as Branch, make);
  const changed = changedLocals(b, alive);
  const phis = changed.map(() => l.names.variable('P'));
  const valueName = hasValue ? l.names.variable('V') : undefined;
  const names = valueName === undefined ? phis : [valueName, ...phis];
  const tails = (x: Branch): Atom[] => {
    const finals = changed.map((id) => x.b.env.get(id) as Atom);
    return hasValue ? [x.value ?? atom('ok'), ...finals] : finals;
  };
  if (escaped) joinBranches(l, branches, names, tails, make);
  else returnBranches(b, branches, names, tails, make);
  changed.forEach((id, i) => {
    b.env.set(id, phis[i] as Atom);
  });
  names.forEach((name, i) => {
    const range = union(alive.map((x) => x.b.ranges.get(tails(x)[i] as Atom)));
    if (range) b.ranges.narrow(name, range);
  });
  return valueName;
}

/** Variables known before the branches that some branch gives another value. */
function changedLocals(b: Builder, alive: readonly Branch[]): number[] {
  const changed: number[] = [];
  for (const [id, before] of b.env) {
    if (alive.some((x) => x.b.env.get(id) !== before)) changed.push(id);
  }
  return changed;
}

function continueIn(
  b: Builder,
  branches: readonly Branch[],
  only: Branch,
  make: (bodies: readonly Core[]) => Core,
): Atom | undefined {
  b.frame((rest) => make(branches.map((x) => x.b.finish(() => (x === only ? rest : atom('ok'))))));
  b.goOnAs(only.b);
  return only.value;
}

function returnBranches(
  b: Builder,
  branches: readonly Branch[],
  names: readonly string[],
  tails: (x: Branch) => Atom[],
  make: (bodies: readonly Core[]) => Core,
): void {
  const dummy = values(names.map(() => atom('ok')));
  const bodies = branches.map((x) => {
    if (x.b.ended === undefined)
      return x.b.finish(() => (names.length === 0 ? atom('ok') : values(tails(x))));
    // A branch that panics never returns, but must look like one that gives as many values.
    const raised = x.b.finish(() => atom('ok'));
    return names.length <= 1 ? raised : sequence(raised, dummy);
  });
  const core = make(bodies);
  b.frame((rest) => (names.length === 0 ? sequence(core, rest) : letIn(names, core, rest)));
}

function joinBranches(
  l: Lowerer,
  branches: readonly Branch[],
  names: readonly string[],
  tails: (x: Branch) => Atom[],
  make: (bodies: readonly Core[]) => Core,
): void {
  const label = l.names.label('join');
  l.b.frame((rest) => {
    // A rest that only goes on elsewhere is repeated instead of being named; the mark of a loop's
    // remainder (`%…%`) must stay unique.
    const short = rest.length < shortRestMax && !/[\n%]/.test(rest);
    const tail = (x: Branch): Core =>
      !short
        ? apply(label, tails(x))
        : names.length === 0
          ? rest
          : letIn(names, values(tails(x)), rest);
    const core = make(branches.map((x) => x.b.finish(() => tail(x))));
    return short ? core : letrec(label, names, rest, core);
  });
}
