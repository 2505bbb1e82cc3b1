// Loops: `letrec` functions whose parameters are the variables the loop changes.
//
// A loop that can only end at its own end (or by its own `break`) returns those variables to the
// code after it. One that contains a `return`, or a `break` of a loop around it, cannot: there the
// code after the loop becomes part of the loop's function (or a function of its own, when `break`
// needs to reach it too), called in tail position.

import { changesRoot, type Visitor, visitBlock, visitExpr, visitStmt } from '../check/mutation.ts';
import {
  type Atom,
  apply,
  atom,
  type Core,
  call,
  caseOf,
  ifTrue,
  letIn,
  letrec,
  sequence,
  tuple,
} from '../core.ts';
import type { Local, LoopTarget, TBlock, TExpr, TStmt } from '../typed.ts';
import * as types from '../types.ts';
import { Builder } from './builder.ts';
import type { LoopExits, Lowerer } from './lowerer.ts';
import type { Range } from './ranges.ts';

interface Shape {
  readonly target: LoopTarget;
  /** Variables from outside that the loop changes. */
  readonly carried: readonly Local[];
  /** `break` or the loop's condition can end it. */
  readonly breaks: boolean;
  /** It can be left by a return or by leaving a loop around it. */
  readonly escapes: boolean;
  /** The cells made in a round end with it. */
  readonly endsCells: boolean;
}

function shapeOf(
  l: Lowerer,
  target: LoopTarget,
  parts: { stmts: readonly TStmt[]; body: TBlock; condition?: TExpr | undefined },
): Shape {
  const written = new Map<number, Local>();
  const inside = new Set<number>([target.id]);
  let breaks = false;
  let escapes = false;
  const leaves: number[] = [];
  const visitor: Visitor = {
    write: (local) => {
      if (l.b.env.has(local.id) && !l.isCell(local)) written.set(local.id, local);
    },
    stmt: (s) => {
      if (s.kind === 'return') escapes = true;
      if (s.kind === 'loop' || s.kind === 'range' || s.kind === 'each') inside.add(s.target.id);
      if (s.kind === 'break' && s.target.id === target.id) breaks = true;
      if (s.kind === 'break' || s.kind === 'continue') leaves.push(s.target.id);
    },
  };
  visitBlock(parts.body, visitor);
  for (const s of parts.stmts) visitStmt(s, visitor);
  if (parts.condition) visitExpr(parts.condition, visitor);
  if (leaves.some((id) => !inside.has(id))) escapes = true;
  const endsCells = l.options.regions.endWithRound(parts, (local) => l.b.env.has(local.id));
  return { target, carried: [...written.values()], breaks, escapes, endsCells };
}

/** A variable that only steps away from its first value, and where that leaves it. */
interface Counter {
  readonly local: Local;
  readonly from: (first: Range) => Range;
}

/** What differs between the kinds of loops. */
interface Kind {
  /** Parameters of the loop function besides the carried variables, with their first values. */
  readonly extra: readonly { readonly name: string; readonly initial: Atom }[];
  /** Tests whether to go on; the frames it needs are in the current builder. */
  readonly enter: (go: () => Core, stop: () => Core) => Core;
  /** Before the body: binds the loop's own variables. */
  readonly bind: () => void;
  /** What the body runs under. */
  readonly condition?: () => Atom | undefined;
  /** After the body and at `continue`: the next values of the extra parameters. */
  readonly next: () => readonly Atom[];
  /** The loop never ends by itself. */
  readonly endless: boolean;
  readonly counter?: Counter | undefined;
}

function runLoop(l: Lowerer, shape: Shape, kind: Kind, body: TBlock): void {
  const { carried, escapes, breaks } = shape;
  const outer = l.b;
  const label = l.names.label('loop');
  const mark = shape.endsCells ? outer.bind(call('v_ref', 'mark', []), 'Mark') : undefined;
  const params = carried.map((c) => l.names.variable(c.name));
  const initial = [...kind.extra.map((x) => x.initial), ...carried.map((c) => outer.read(c))];
  const names = [...kind.extra.map((x) => x.name), ...params];
  const inner = new Builder(l.names, outer.env, undefined, outer.ranges);
  carried.forEach((c, i) => {
    inner.write(c, params[i] as Atom);
    if (kind.counter?.local === c) {
      const first = outer.ranges.get(outer.read(c));
      if (first) inner.ranges.narrow(params[i] as Atom, kind.counter.from(first));
    }
  });
  const finals = (): Atom[] => carried.map((c) => l.b.read(c));
  const exit = l.names.label('after');
  // Where the code after the loop goes, when it is neither returned to nor reached from one place
  // only.
  const viaFunction = escapes && breaks;
  const returned = (): Core => {
    const all = finals();
    return all.length === 1 ? (all[0] as Atom) : all.length === 0 ? atom('ok') : tuple(all);
  };
  const leave = (): Core => (viaFunction ? apply(exit, finals()) : returned());
  const exits: LoopExits = {
    id: shape.target.id,
    deferDepth: l.defers.length,
    onBreak: leave,
    onContinue: () => {
      const extra = kind.next();
      const next = apply(label, [...extra, ...finals()]);
      return mark === undefined ? next : sequence(call('v_ref', 'release', [mark]), next);
    },
  };
  const loopBody = (stop: () => Core): Core =>
    l.within(inner, () => {
      const core = kind.enter(() => bodyOf(l, kind, body, exits), stop);
      return inner.finish(() => core);
    });
  if (!escapes) {
    const whole = letrec(label, names, loopBody(leave), apply(label, initial));
    if (kind.endless && !breaks) outer.end(whole);
    else receive(l, carried, whole);
    return;
  }
  outer.escaped = true;
  if (kind.endless && !breaks) {
    outer.end(letrec(label, names, loopBody(leave), apply(label, initial)));
    return;
  }
  continueAfter(l, carried, viaFunction ? exit : undefined, (stop) =>
    letrec(label, names, loopBody(stop ?? leave), apply(label, initial)),
  );
}

/** An escaping loop: the code after it is reached in tail position. */
function continueAfter(
  l: Lowerer,
  carried: readonly Local[],
  viaFunction: string | undefined,
  build: (stop: (() => Core) | undefined) => Core,
): void {
  const outer = l.b;
  if (viaFunction !== undefined) {
    const after = carried.map((c) => l.names.variable(c.name));
    const whole = build(undefined);
    outer.frame((rest) => letrec(viaFunction, after, rest, whole));
    carried.forEach((c, i) => {
      outer.write(c, after[i] as Atom);
    });
    return;
  }
  // Without `break` the code after the loop stands where its condition failed and sees the state
  // there. The loop is lowered now, its remainder is not known before the block is finished: a mark
  // keeps its place.
  const mark = `%${l.names.label('rest')}%`;
  let state: readonly Atom[] = [];
  const whole = build(() => {
    state = carried.map((c) => l.b.read(c));
    return mark;
  });
  outer.frame((rest) => whole.replace(mark, () => rest));
  carried.forEach((c, i) => {
    outer.write(c, state[i] as Atom);
  });
}

/** The variables a finished loop returns. */
function receive(l: Lowerer, carried: readonly Local[], whole: Core): void {
  const { b } = l;
  if (carried.length === 0) {
    b.run(whole);
    return;
  }
  const names = carried.map((c) => l.names.variable(c.name));
  if (carried.length === 1) {
    b.frame((rest) => letIn(names, whole, rest));
  } else {
    b.frame((rest) => caseOf(whole, [{ pattern: tuple(names), body: rest }]));
  }
  carried.forEach((c, i) => {
    b.write(c, names[i] as Atom);
  });
}

function bodyOf(l: Lowerer, kind: Kind, body: TBlock, exits: LoopExits): Core {
  const b = l.b.branch();
  return l.within(b, () => {
    kind.bind();
    const condition = kind.condition?.();
    if (condition !== undefined) b.ranges.assume(condition, true);
    l.loops.push(exits);
    l.block(body);
    l.loops.pop();
    if (b.ended === undefined) b.end(tailOf(l, exits.onContinue));
    return b.finish(() => atom('ok'));
  });
}

/** A tail that may need frames of its own before it. */
function tailOf(l: Lowerer, tail: (l: Lowerer) => Core): Core {
  const b = l.b.branch();
  return l.within(b, () => {
    const core = tail(l);
    return b.finish(() => core);
  });
}

/**
 * `for i := a; i < n; i++`: while the condition holds, i + 1 is at most n and needs no wrapping.
 * True when the step is exactly that and the body leaves i alone; the same for `i > n` with `i--`.
 */
function countsWithinBound(
  l: Lowerer,
  condition: TExpr | undefined,
  step: TStmt,
  body: TBlock,
): boolean {
  const inner =
    step.kind === 'expr' && step.value.kind === 'block' ? step.value.body.stmts[0] : step;
  if (inner?.kind !== 'modify' || inner.place.kind !== 'local' || l.isCell(inner.place.local))
    return false;
  const { value } = inner;
  const { local } = inner.place;
  const byOne = value.kind === 'arith' && value.right.kind === 'int' && value.right.value === 1n;
  if (!byOne || condition?.kind !== 'compare') return false;
  if (condition.left.kind !== 'local' || condition.left.local !== local) return false;
  if (condition.left.type !== condition.right.type || changesRoot(body, local)) return false;
  // With `<=` and `>=` the last step may leave the type's range by one, which ends the loop as V
  // wants it to.
  const up = value.op === '+' && (condition.op === '<' || condition.op === '<=');
  return up || (value.op === '-' && (condition.op === '>' || condition.op === '>='));
}

/** Where the counter of such a step is: on one side of its first value. */
function counterOf(step: TStmt): Counter | undefined {
  const inner =
    step.kind === 'expr' && step.value.kind === 'block' ? step.value.body.stmts[0] : step;
  if (inner?.kind !== 'modify' || inner.place.kind !== 'local' || inner.value.kind !== 'arith')
    return undefined;
  const { local } = inner.place;
  const type = types.unalias(local.type);
  if (type.kind !== 'int') return undefined;
  const { low, high } = types.intRange(type);
  const up = inner.value.op === '+';
  const from = (first: Range): Range =>
    up ? { low: first.low, high: high + 1n } : { low: low - 1n, high: first.high };
  return { local, from };
}

/** Steps a counter that is known to stay in range. */
function stepPlainly(l: Lowerer, step: TStmt): void {
  const inner =
    step.kind === 'expr' && step.value.kind === 'block' ? step.value.body.stmts[0] : step;
  if (inner?.kind !== 'modify' || inner.place.kind !== 'local' || inner.value.kind !== 'arith')
    return;
  const { local } = inner.place;
  l.b.write(local, l.b.bind(call('erlang', inner.value.op, [l.b.read(local), '1']), local.name));
}

export function lowerLoop(l: Lowerer, s: TStmt & { kind: 'loop' }): void {
  const shape = shapeOf(l, s.target, { stmts: s.step, body: s.body, condition: s.condition });
  const { condition } = s;
  const [only] = s.step;
  const plain =
    only !== undefined && s.step.length === 1 && countsWithinBound(l, condition, only, s.body);
  let test: Atom | undefined;
  runLoop(
    l,
    shape,
    {
      extra: [],
      enter: (go, stop) => {
        if (!condition) return go();
        test = l.expr(condition);
        // The condition may have ended the block (`for f()! {`), in which case nothing follows.
        return ifTrue(test, go(), tailOf(l, stop));
      },
      bind: () => undefined,
      condition: () => test,
      counter: plain ? counterOf(only) : undefined,
      next: () => {
        for (const step of s.step) {
          if (plain) stepPlainly(l, step);
          else l.stmt(step);
        }
        return [];
      },
      endless: condition === undefined || (condition.kind === 'bool' && condition.value),
    },
    s.body,
  );
}

export function lowerRange(l: Lowerer, s: TStmt & { kind: 'range' }): void {
  const low = l.expr(s.low);
  const high = l.expr(s.high);
  if (l.b.ended !== undefined) return;
  const shape = shapeOf(l, s.target, { stmts: [], body: s.body });
  const counter = l.names.variable(s.local.name);
  runLoop(
    l,
    shape,
    {
      extra: [{ name: counter, initial: low }],
      enter: (go, stop) => ifTrue(call('erlang', '<', [counter, high]), go(), tailOf(l, stop)),
      bind: () => {
        const type = types.unalias(s.local.type);
        if (type.kind === 'int') {
          const [first, last] = [l.b.ranges.of(low, type), l.b.ranges.of(high, type)];
          l.b.ranges.narrow(counter, { low: first.low, high: last.high - 1n });
        }
        l.declareLocal(s.local, counter);
      },
      // The counter stays below a bound of its own type, so it needs no wrapping.
      next: () => [l.b.bind(call('erlang', '+', [counter, '1']))],
      endless: false,
    },
    s.body,
  );
}

export function lowerEach(l: Lowerer, s: TStmt & { kind: 'each' }): void {
  const list = l.expr(s.list);
  if (l.b.ended !== undefined) return;
  const { regions } = l.options;
  const found = shapeOf(l, s.target, { stmts: [], body: s.body });
  const holds = regions.holds(s.value.type) || (s.key && regions.holds(s.key.type));
  const shape = { ...found, endsCells: found.endsCells && !holds };
  const rest = l.names.variable('List');
  const head = l.names.variable(s.value.name);
  const tail = l.names.variable('Tail');
  const key = s.key && l.names.variable(s.key.name);
  const counts = key !== undefined && !s.pairs;
  const extra = [{ name: rest, initial: list }];
  if (counts) extra.push({ name: key, initial: '0' });
  const pattern = s.pairs ? `{${key ?? '_'},${head}}` : head;
  runLoop(
    l,
    shape,
    {
      extra,
      enter: (go, stop) =>
        caseOf(rest, [
          { pattern: `[${pattern}|${tail}]`, body: go() },
          { pattern: '[]', body: tailOf(l, stop) },
        ]),
      bind: () => {
        l.declareLocal(s.value, head);
        if (counts) l.b.ranges.narrow(key, types.countRange);
        if (s.key && key) l.declareLocal(s.key, key);
      },
      next: () => (counts ? [tail, l.b.bind(call('erlang', '+', [key, '1']))] : [tail]),
      endless: false,
    },
    s.body,
  );
}

/** `break` and `continue`: the deferred blocks inside the loop run first. */
export function lowerBranchOut(l: Lowerer, s: TStmt & { kind: 'break' | 'continue' }): void {
  const exits = l.loops.find((x) => x.id === s.target.id);
  if (!exits) return;
  l.runDefers(exits.deferDepth);
  const core = tailOf(l, s.kind === 'break' ? exits.onBreak : exits.onContinue);
  l.b.end(core);
  l.b.escaped = true;
}
