// The integer that a checked expression is known to be while compiling: literals, constants,
// arithmetic, conversions, and calls of functions that only compute (`@[comptime]` functions).

import { constantStepsMax } from '../limits.ts';
import type { Local, TBlock, TExpr } from '../typed.ts';
import * as types from '../types.ts';
import { foldIntegers } from './program.ts';

type Environment = Map<Local, bigint>;

class Evaluation {
  private steps = 0;

  value(e: TExpr, env: Environment): bigint | undefined {
    if (++this.steps > constantStepsMax) return undefined;
    switch (e.kind) {
      case 'int':
        return e.value;
      case 'bool':
        return e.value ? 1n : 0n;
      case 'local':
        return env.get(e.local);
      case 'const':
        return e.info.value && this.value(e.info.value, env);
      case 'arith':
        return this.arithmetic(e, env);
      case 'negate':
      case 'invert': {
        const inner = this.value(e.value, env);
        if (inner === undefined) return undefined;
        return wrapped(e.kind === 'negate' ? -inner : ~inner, e.type);
      }
      case 'convert': {
        if (!types.isInteger(e.value.type) && types.unalias(e.value.type).kind !== 'enum')
          return undefined;
        const value = this.value(e.value, env);
        return value === undefined ? undefined : wrapped(value, e.type);
      }
      case 'compare':
        return this.comparison(e, env);
      case 'if': {
        const truth = this.value(e.condition, env);
        if (truth === undefined) return undefined;
        return this.block(truth === 0n ? e.otherwise : e.whenTrue, env);
      }
      case 'block':
        return this.block(e.body, env);
      case 'call':
        return this.call(e, env);
      default:
        return undefined;
    }
  }

  private arithmetic(e: TExpr & { kind: 'arith' }, env: Environment): bigint | undefined {
    const left = this.value(e.left, env);
    const right = this.value(e.right, env);
    if (left === undefined || right === undefined || !types.isInteger(e.type)) return undefined;
    const value = foldIntegers(e.op, left, right);
    return value === undefined ? undefined : wrapped(value, e.type);
  }

  private comparison(e: TExpr & { kind: 'compare' }, env: Environment): bigint | undefined {
    const left = this.value(e.left, env);
    const right = this.value(e.right, env);
    if (left === undefined || right === undefined) return undefined;
    const table = {
      '==': left === right,
      '!=': left !== right,
      '<': left < right,
      '<=': left <= right,
      '>': left > right,
      '>=': left >= right,
    };
    return table[e.op] ? 1n : 0n;
  }

  private call(e: TExpr & { kind: 'call' }, env: Environment): bigint | undefined {
    const inner: Environment = new Map();
    for (const [i, param] of e.fn.params.entries()) {
      const arg = e.args[i];
      const value = arg?.kind === 'value' ? this.value(arg.value, env) : undefined;
      if (value === undefined) return undefined;
      inner.set(param, value);
    }
    return e.fn.body && this.block(e.fn.body, inner);
  }

  /** The value of a block that declares variables and then gives or returns one. */
  private block(b: TBlock, env: Environment): bigint | undefined {
    for (const s of b.stmts) {
      if (s.kind === 'return') return s.value && this.value(s.value, env);
      if (s.kind !== 'let') return undefined;
      const value = this.value(s.value, env);
      if (value === undefined) return undefined;
      env.set(s.local, value);
    }
    return b.value && this.value(b.value, env);
  }
}

function wrapped(value: bigint, type: types.Type): bigint {
  const t = types.unalias(type);
  return t.kind === 'int' ? types.wrapToType(value, t) : value;
}

export function integerOf(e: TExpr): bigint | undefined {
  return new Evaluation().value(e, new Map());
}
