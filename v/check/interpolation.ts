// `'…${expr:spec}…'`: format specs are `[flags][width][.precision][letter]`, checked against the
// value's type.

import type { Expr } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { settle } from './convert.ts';
import { bad, checkValue, deref, intConst, runtime, stringConst } from './expressions.ts';
import { strCall } from './str.ts';

const specPattern = /^([-+0 ]*)(\d*)(?:\.(\d+))?([a-zA-Z]?)$/;

export function checkInterpolation(f: FnContext, e: Expr & { kind: 'interpolation' }): TExpr {
  const parts: TExpr[] = [];
  e.texts.forEach((text, i) => {
    if (text !== '') parts.push(stringConst(text, e.span));
    const part = e.parts[i];
    if (!part) return;
    const value = settle(checkValue(f, part.value));
    if (value.type === types.errorType) return;
    if (value.type === types.never) {
      f.error('expression does not return a value', part.value.span);
      return;
    }
    if (types.unalias(value.type) === types.charType) {
      f.error(
        'expression returning type `char` cannot be used in string interpolation directly, ' +
          'print its address or cast it to an integer instead',
        part.value.span,
      );
    }
    parts.push(
      part.format.trim() === ''
        ? strCall(f, value)
        : formatted(f, value, part.format.trim(), part.formatSpan),
    );
  });
  return { kind: 'concat', parts, type: types.string, span: e.span };
}

function formatted(f: FnContext, original: TExpr, spec: string, span: Span): TExpr {
  const value = deref(original);
  const found = specPattern.exec(spec);
  if (!found) {
    f.error(`illegal format specifier \`${spec}\``, span);
    return bad(span);
  }
  const [, flags = '', width = '', precision, letter = ''] = found;
  if (Number(width || 0) > 1000 || Number(precision ?? 0) > 120) {
    f.error(`the format width or precision in \`${spec}\` is too large`, span);
    return bad(span);
  }
  const t = types.unalias(value.type);
  const kind = kindFor(t, letter, precision !== undefined);
  if (!kind) {
    f.error(`illegal format specifier \`${letter}\` for type \`${value.type.name}\``, span);
    return bad(span);
  }
  const subject = kind === 'text' ? strCall(f, value) : value;
  const options: TExpr = {
    kind: 'tuple',
    values: [
      { kind: 'bool', value: flags.includes('-'), type: types.bool, span },
      { kind: 'bool', value: flags.includes('+'), type: types.bool, span },
      { kind: 'bool', value: flags.includes('0'), type: types.bool, span },
      intConst(width === '' ? 0 : Number(width), span),
      intConst(precision === undefined ? -1 : Number(precision), span),
      intConst(letter === '' ? 0 : letter.charCodeAt(0), span),
    ],
    type: types.voidType,
    span,
  };
  const extra = kind === 'int' && t.kind === 'int' ? [intConst(t.bits, span)] : [];
  return runtime('v_format', kind, [subject, options, ...extra], types.string, span);
}

/** The runtime function that formats such a value with such a letter. */
function kindFor(t: types.Type, letter: string, hasPrecision: boolean): string | undefined {
  if (letter === 's' || letter === 'r' || letter === 'S' || letter === 'R') {
    return letter.toLowerCase() === 'r' || t === types.string || letter === 's'
      ? 'text'
      : undefined;
  }
  if (t.kind === 'float') return 'fFgGeE'.includes(letter) ? 'float' : undefined;
  if (t.kind === 'enum') return letter === 'd' ? 'int' : letter === '' ? 'text' : undefined;
  if (t.kind === 'int') {
    if (letter === 'c') return 'char';
    if ('fFgGeE'.includes(letter) && letter !== '') return 'float';
    if (t === types.rune && letter === '') return 'text';
    return 'dxXobB'.includes(letter) || letter === 'p' || hasPrecision ? 'int' : undefined;
  }
  if (t === types.bool) return letter === '' ? 'text' : 'd'.includes(letter) ? 'text' : undefined;
  return letter === '' ? 'text' : undefined;
}
