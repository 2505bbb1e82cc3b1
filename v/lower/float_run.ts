// Float operations that follow each other, computed together: BEAM keeps the values between them in
// float registers when it knows that all operands are floats, and one `try` serves them all.
//
// Erlang floats have no infinities and no NaN; V's do, and are the atoms `inf`, `'-inf'` and `nan`.
// When an operand is one of them, or an operation fails because its result would be one, all of the
// run is computed again by `runtime/v_float.erl`, one operation after the other. A run has no
// effects and always ends with values, so it may be moved past whatever does not use them.

import { type Atom, apply, atom, type Core, call, caseOf, letIn, tuple, values } from '../core.ts';
import type { Names } from './builder.ts';

export interface FloatOperation {
  readonly operands: readonly Atom[];
  /** The operation on floats; raises when the result is none. */
  readonly fast: Core;
  /** The operation on whatever V's floats may be. */
  readonly slow: Core;
}

/** A function has at most 255 parameters; operands beyond these begin another run. */
const operandsMax = 60;
const operationsMax = 100;

export class FloatRun {
  private readonly operations: (FloatOperation & { readonly name: string })[] = [];
  private readonly operands = new Set<Atom>();
  readonly results = new Set<Atom>();
  private readonly names: Names;

  constructor(names: Names) {
    this.names = names;
  }

  get isFull(): boolean {
    return this.operations.length >= operationsMax || this.operands.size >= operandsMax;
  }

  add(operation: FloatOperation): Atom {
    const name = this.names.variable('F');
    for (const operand of operation.operands) {
      if (operand.startsWith('_') && !this.results.has(operand)) this.operands.add(operand);
    }
    this.operations.push({ ...operation, name });
    this.results.add(name);
    return name;
  }

  /** The run before the rest of its block. */
  before(rest: Core): Core {
    const operands = [...this.operands];
    const results = [...this.results];
    const label = this.names.label('-floats');
    const fresh = (hint: string): string[] => results.map(() => this.names.variable(hint));
    const slowly = (failure: Core): Core => {
      const parts = fresh('S');
      const all = apply(label, [failure, ...operands]);
      if (results.length === 1) return all;
      return caseOf(all, [{ pattern: tuple(parts), body: values(parts) }]);
    };
    const done = fresh('D');
    const [kind, reason, trace] = ['K', 'Y', 'Z'].map((hint) => this.names.variable(hint)) as [
      Atom,
      Atom,
      Atom,
    ];
    // What the handler is given is used, or the compiler would turn the operations into tests, for
    // which it does not use float registers.
    const attempt =
      `try ${this.computed((o) => o.fast, values(results))} ` +
      `of <${done.join(',')}> -> ${values(done)} ` +
      `catch <${kind},${reason},${trace}> -> ${slowly(kind)}`;
    const whole = operands.length === 0 ? attempt : guarded(operands, attempt, slowly(atom('ok')));
    const all = results.length === 1 ? values(results) : tuple(results);
    const slow = this.computed((o) => o.slow, all);
    // A function of the module: a local one may not stand where several values are wanted.
    const params = [this.names.variable('K'), ...operands];
    this.names.lifted.push({ name: label, params, body: slow });
    return letIn(results, whole, rest);
  }

  private computed(how: (operation: FloatOperation) => Core, all: Core): Core {
    return this.operations.reduceRight((rest, o) => letIn([o.name], how(o), rest), all);
  }
}

function guarded(operands: readonly Atom[], whenFloats: Core, otherwise: Core): Core {
  const guard = operands
    .map((operand) => call('erlang', 'is_float', [operand]))
    .reduce((all, test) => call('erlang', 'and', [all, test]));
  return `case ${operands[0]} of
<_> when ${guard} ->
${whenFloats}
<_> when 'true' ->
${otherwise}
end`;
}
