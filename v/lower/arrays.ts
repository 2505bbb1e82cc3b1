// Reading and writing an element where the array is small enough to be one tuple: inline, as the
// first clause of what `runtime/v_array.erl` does. Everything else, and what is out of range, is
// left to the runtime. Bytes of a string are read inline, too.

import { type Atom, type Core, call, ifTrue, integer, tuple } from '../core.ts';
import { countRange } from '../types.ts';
import type { Builder } from './builder.ts';

/** The index is below the length, and not negative where that is not known. */
function isInside(b: Builder, index: Atom, length: Core): Core {
  const below = call('erlang', '<', [index, length]);
  const known = b.ranges.get(index);
  if (known && known.low >= 0n) return below;
  return call('erlang', 'and', [call('erlang', '>=', [index, '0']), below]);
}

/** After an access that did not panic. */
function wasInside(b: Builder, index: Atom): void {
  b.ranges.narrow(index, { low: 0n, high: countRange.high - 1n });
}

interface Parts {
  readonly length: Atom;
  readonly root: Atom;
  readonly elements: Atom;
  readonly position: Core;
}

/** `{arr, Length, 0, Root, Elements}` with an index that is inside, or the call. */
function whenSmall(
  b: Builder,
  array: Atom,
  index: Atom,
  inside: (parts: Parts) => Core,
  otherwise: Core,
): Atom {
  const [length, root, elements] = ['L', 'R', 'E'].map((n) => b.names.variable(n)) as [
    Atom,
    Atom,
    Atom,
  ];
  const known = /^\d+$/.test(index);
  const position = known ? integer(BigInt(index) + 1n) : call('erlang', '+', [index, '1']);
  const result = b.bind(`case ${array} of
<{'arr',${length},0,${root},${elements}}> when ${isInside(b, index, length)} ->
${inside({ length, root, elements, position })}
<_> when 'true' ->
${otherwise}
end`);
  wasInside(b, index);
  return result;
}

export function readElement(b: Builder, array: Atom, index: Atom, slow: Core): Atom {
  const known = b.knownElement(array, index);
  if (known !== undefined) return known;
  const inside = (p: Parts): Core => call('erlang', 'element', [p.position, p.elements]);
  const value = whenSmall(b, array, index, inside, slow);
  b.noteElement(array, index, value);
  return value;
}

export function writeElement(b: Builder, array: Atom, index: Atom, value: Atom, slow: Core): Atom {
  const inside = (p: Parts): Core => {
    const written = call('erlang', 'setelement', [p.position, p.elements, value]);
    return tuple(["'arr'", p.length, '0', p.root, written]);
  };
  const changed = whenSmall(b, array, index, inside, slow);
  b.noteElement(changed, index, value);
  return changed;
}

export function readByte(b: Builder, text: Atom, index: Atom, slow: Core): Atom {
  const known = b.ranges.get(index);
  // Two tests in turn: BEAM would compute an `and` that stands alone.
  const below = call('erlang', '<', [index, call('erlang', 'byte_size', [text])]);
  const read = ifTrue(below, call('binary', 'at', [text, index]), slow);
  const positive = call('erlang', '>=', [index, '0']);
  const result = b.bind(known && known.low >= 0n ? read : ifTrue(positive, read, slow));
  wasInside(b, index);
  return result;
}

/** How many elements an array has. */
export function lengthOf(b: Builder, array: Atom): Atom {
  const length = b.bind(call('erlang', 'element', ['2', array]));
  b.ranges.narrow(length, countRange);
  return length;
}
