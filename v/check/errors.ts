// Error values: what `err` is, and its text.

import type { Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import * as types from '../types.ts';
import type { FnContext } from './context.ts';
import { runtime } from './expressions.ts';
import { dispatcherFor, recordBoxing } from './interfaces.ts';

/** The `err` of an option that holds nothing. */
export function errorOfNone(f: FnContext, span: Span): TExpr {
  const type = f.program.namedTypes.get('None__');
  if (type?.kind !== 'struct') return { kind: 'bad', type: types.errorType, span };
  recordBoxing(f.program, type);
  const value: TExpr = {
    kind: 'struct',
    tag: 'None__',
    values: [{ kind: 'struct', tag: 'Error', values: [], type, span }],
    type,
    span,
  };
  return {
    kind: 'wrap',
    wrap: { kind: 'box', tag: 'None__' },
    value,
    type: types.errorInterface,
    span,
  };
}

/** `err.msg()` */
export function errorText(f: FnContext, error: TExpr, span: Span): TExpr {
  const method = types.errorInterface.methods.find((m) => m.name === 'msg');
  if (!method) return { kind: 'bad', type: types.errorType, span };
  const fn = dispatcherFor(f.program, types.errorInterface, method);
  return { kind: 'call', fn, args: [{ kind: 'value', value: error }], type: types.string, span };
}

/** The `err` of an option without a value: the error it was made from, if it was made from one. */
export function errorOfOption(f: FnContext, option: TExpr, span: Span): TExpr {
  return runtime(
    'v_rt',
    'option_error',
    [option, errorOfNone(f, span)],
    types.errorInterface,
    span,
  );
}
