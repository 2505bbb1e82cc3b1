// Conditions of a `$if` around declarations: they are decided before any type is known.

import type { Expr } from '../ast.ts';
import { systemFlag } from '../check/flags.ts';
import type { Span } from '../source.ts';

export function conditionHolds(
  e: Expr,
  defines: ReadonlySet<string>,
  module: string,
  report: (message: string, span: Span) => void,
): boolean {
  const holds = (inner: Expr): boolean => conditionHolds(inner, defines, module, report);
  switch (e.kind) {
    case 'bool':
      return e.value;
    case 'paren':
      return holds(e.inner);
    case 'ident': {
      const flag = defines.has(e.name) ? true : systemFlag(e.name);
      if (flag === undefined) report(`unknown $if value: \`${e.name}\``, e.span);
      return flag ?? false;
    }
    case 'or':
      // `name ?` asks for a flag given with `-d name`.
      return (
        e.value.kind === 'ident' && (defines.has(e.value.name) || systemFlag(e.value.name) === true)
      );
    case 'prefix':
      if (e.operator === '!') return !holds(e.value);
      break;
    case 'infix':
      if (e.operator === '&&') return holds(e.left) && holds(e.right);
      if (e.operator === '||') return holds(e.left) || holds(e.right);
      if (e.operator === '==' || e.operator === '!=') {
        const [left, right] = [constant(e.left, module), constant(e.right, module)];
        if (left !== undefined && right !== undefined) {
          return (left === right) === (e.operator === '==');
        }
      }
      break;
    default:
      break;
  }
  report('this compile-time condition is not supported yet', e.span);
  return false;
}

function constant(e: Expr, module: string): string | undefined {
  if (e.kind === 'string') return e.bytes;
  if (e.kind === 'at' && e.name === 'MOD') return module;
  if (e.kind === 'at' && ['OS', 'BACKEND', 'PLATFORM'].includes(e.name)) return 'beam';
  return undefined;
}
