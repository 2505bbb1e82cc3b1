// Reading and writing an element where the array is small enough to be one tuple: inline, as the
// first clause of what `runtime/v_array.erl` does. Everything else, and what is out of range, is
// left to the runtime.

import { type Atom, type Core, call, integer, tuple } from '../core.ts';
import type { Names } from './builder.ts';

/** `{arr, Length, 0, Root, Elements}` with an index that is inside, or the call. */
function whenSmall(
  names: Names,
  array: Atom,
  index: Atom,
  inside: (parts: { length: Atom; root: Atom; elements: Atom; position: Core }) => Core,
  otherwise: Core,
): Core {
  const [length, root, elements] = ['L', 'R', 'E'].map((n) => names.variable(n)) as [
    Atom,
    Atom,
    Atom,
  ];
  const known = /^\d+$/.test(index);
  const below = call('erlang', '<', [index, length]);
  const positive = call('erlang', '>=', [index, '0']);
  const guard = known ? below : call('erlang', 'and', [positive, below]);
  const position = known ? integer(BigInt(index) + 1n) : call('erlang', '+', [index, '1']);
  return `case ${array} of
<{'arr',${length},0,${root},${elements}}> when ${guard} ->
${inside({ length, root, elements, position })}
<_> when 'true' ->
${otherwise}
end`;
}

export function readElement(names: Names, array: Atom, index: Atom, slow: Core): Core {
  const inside = (p: { elements: Atom; position: Core }): Core =>
    call('erlang', 'element', [p.position, p.elements]);
  return whenSmall(names, array, index, inside, slow);
}

export function writeElement(
  names: Names,
  array: Atom,
  index: Atom,
  value: Atom,
  slow: Core,
): Core {
  const inside = (p: { length: Atom; root: Atom; elements: Atom; position: Core }): Core => {
    const written = call('erlang', 'setelement', [p.position, p.elements, value]);
    return tuple(["'arr'", p.length, '0', p.root, written]);
  };
  return whenSmall(names, array, index, inside, slow);
}
