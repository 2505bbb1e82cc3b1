// What attributes say about the uses of a declaration: `@[deprecated]` with
// `@[deprecated_after]`, `@[must_use]`, `@[noinit]`, and `@[if flag ?]`, whose calls are left out
// of the program when the flag is not given (doc/docs.md, "Attributes").

import type { Attribute, CallExpr, FnDecl } from '../ast.ts';
import type { Span } from '../source.ts';
import type { TExpr } from '../typed.ts';
import type { Field, StructType } from '../types.ts';
import * as types from '../types.ts';
import { comptimeTruth } from './comptime.ts';
import type { FnContext } from './context.ts';
import { systemFlag } from './flags.ts';
import type { Program } from './program.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** How long after its day something deprecated is an error and no warning. */
const graceDays = 180;

/** What a call's messages underline: from the function's own name on. */
export function callSpan(e: CallExpr): Span {
  const { callee, span } = e;
  return callee.kind === 'selector' ? { start: callee.nameSpan.start, end: span.end } : span;
}

function shownDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Says that `what` (`function \`f\``) is deprecated, if its attributes do. */
export function noteDeprecated(
  p: Program,
  what: string,
  attributes: readonly Attribute[],
  span: Span,
): void {
  if (!attributes.some((a) => a.name === 'deprecated')) return;
  const text = attributes.find((a) => a.name === 'deprecated')?.value;
  const day = attributes.find((a) => a.name === 'deprecated_after' && a.value);
  const more = text ? `; ${text}` : '';
  const after = day?.value === undefined ? undefined : Date.parse(day.value);
  if (day && (after === undefined || Number.isNaN(after))) {
    p.error('invalid time format', day.span);
  }
  if (after === undefined || Number.isNaN(after)) {
    p.report('warning', `${what} has been deprecated${more}`, span);
    return;
  }
  const now = Date.now();
  const end = after + graceDays * dayMs;
  if (end < now) {
    p.error(`${what} has been deprecated since ${shownDay(after)}${more}`, span);
  } else if (after < now) {
    const until = `it will be an error after ${shownDay(end)}`;
    p.report(
      'warning',
      `${what} has been deprecated since ${shownDay(after)}, ${until}${more}`,
      span,
    );
  } else {
    const until = `will become an error after ${shownDay(end)}`;
    p.report(
      'notice',
      `${what} will be deprecated after ${shownDay(after)}, and ${until}${more}`,
      span,
    );
  }
}

/** A call of a function or method; what is deprecated itself may call what is. */
export function noteDeprecatedCall(f: FnContext, what: string, decl: FnDecl, span: Span): void {
  for (let at: FnContext | undefined = f; at; at = at.outer)
    if (at.decl?.attributes.some((a) => a.name === 'deprecated')) return;
  noteDeprecated(f.program, what, decl.attributes, span);
}

/** Whether the code at `span` is of another module than the declaration. */
function isElsewhere(p: Program, declared: Span, span: Span): boolean {
  return p.unitAt(declared).module !== p.unitAt(span).module;
}

/** Constants and fields: their own module goes on using them. */
export function noteDeprecatedElsewhere(
  p: Program,
  what: string,
  decl: { readonly attributes: readonly Attribute[]; readonly span: Span },
  span: Span,
): void {
  if (decl.attributes.length > 0 && isElsewhere(p, decl.span, span))
    noteDeprecated(p, what, decl.attributes, span);
}

/** The field that the path ends at is read or written. */
export function noteDeprecatedField(p: Program, path: readonly Field[], span: Span): void {
  const decl = path[path.length - 1]?.decl;
  if (decl) noteDeprecatedElsewhere(p, `field \`${decl.name}\``, decl, span);
}

/** A literal of a struct that another module declares. */
export function checkStructUse(p: Program, type: StructType, span: Span): void {
  const { decl, name } = type;
  if (decl.attributes.length === 0 || !isElsewhere(p, decl.nameSpan, span)) return;
  if (decl.attributes.some((a) => a.name === 'noinit')) {
    p.error(
      `struct \`${name}\` is declared with a \`@[noinit]\` attribute, so it cannot be ` +
        `initialized with \`${name}{}\``,
      span,
    );
  }
  noteDeprecated(p, `struct \`${name}\``, decl.attributes, span);
}

/** A call that is a statement of its own. */
export function checkMustUse(
  f: FnContext,
  e: CallExpr,
  value: TExpr,
  decl: FnDecl | undefined,
): void {
  if (!decl || value.type === types.voidType) return;
  if (!decl.attributes.some((a) => a.name === 'must_use')) return;
  const label = decl.receiver ? 'method' : 'function';
  f.program.report(
    'warning',
    `return value must be used, ${label} \`${decl.name}\` was tagged with \`@[must_use]\``,
    callSpan(e),
  );
}

/** The calls of the function are left out: the condition of its `@[if …]` does not hold. */
export function isLeftOut(p: Program, decl: FnDecl): boolean {
  const condition = decl.attributes.find((a) => a.name === 'if')?.condition;
  if (!condition || decl.signature.result) return false;
  // `@[if name]` without the `?` asks for a flag of the user's as well.
  if (condition.kind === 'ident' && systemFlag(condition.name) === undefined)
    return !p.loaded.defines.has(condition.name);
  return !comptimeTruth({ program: p }, condition);
}

/** What is left of a call that is left out: its arguments were checked, and nothing runs. */
export function leftOut(span: Span): TExpr {
  const body = { stmts: [], value: undefined };
  return { kind: 'block', body, type: types.voidType, span };
}
