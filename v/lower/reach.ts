// The types of values that another thread may reach by a reference: whatever can be got at from
// what is handed to threads, sent through channels, kept in `shared` variables, or stands in
// globals.

import type { TProgram } from '../typed.ts';
import type { Type } from '../types.ts';
import * as types from '../types.ts';

/**
 * Says of a type whether cells that hold it may be reached by several threads. `parts` pairs the
 * type of a referenced part with the type of the whole: the cell is that of the whole.
 */
export function reachableCells(
  program: TProgram,
  parts: readonly (readonly [Type, Type])[],
): (type: Type) => boolean {
  const cells = new Set<Type>();
  const seen = new Set<Type>();
  let everything = false;
  const queue: Type[] = [...program.handed];
  // Every thread reaches what constants and globals hold.
  if (queue.length > 0) queue.push(...program.consts.flatMap((c) => c.value?.type ?? []));
  const walk = (type: Type): void => {
    const t = types.unalias(type);
    if (seen.has(t)) return;
    seen.add(t);
    switch (t.kind) {
      case 'ref':
        cells.add(types.unalias(t.inner));
        queue.push(t.inner);
        return;
      case 'array':
      case 'fixed':
        queue.push(t.element);
        return;
      case 'map':
        queue.push(t.key, t.value);
        return;
      case 'option':
      case 'result':
      case 'chan':
      case 'shared':
      case 'thread':
        queue.push(t.inner);
        return;
      case 'struct':
        queue.push(...t.fields.map((x) => x.type));
        return;
      case 'sum':
        queue.push(...t.variants);
        return;
      case 'tuple':
        queue.push(...t.types);
        return;
      case 'interface':
        queue.push(...program.boxedTypes);
        return;
      case 'fn':
        // A closure may hold anything.
        everything = true;
        return;
      default:
        if (t === types.voidptr) everything = true;
    }
  };
  for (let again = true; again; ) {
    for (let next = queue.pop(); next; next = queue.pop()) walk(next);
    again = false;
    for (const [part, whole] of parts) {
      const w = types.unalias(whole);
      if (cells.has(types.unalias(part)) && !cells.has(w)) {
        cells.add(w);
        queue.push(w);
        again = true;
      }
    }
  }
  return (type) => everything || cells.has(type);
}
