// Broken V sources by seed: prefixes and token mutations of real programs, for the tests that feed
// them to the compiler. A seed means the same on every machine.

import { lex } from './lexer.ts';

/** A generator of whole numbers below a bound (mulberry32). */
export function random(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const words =
  'fn mut if else for in match struct enum type interface const return or { } ( ) [ ] , ; ' +
  ': := = == . .. ... ! ? & * | @ $';
const others = ["'", '"', '`', '\n', '0', '1.5', 'x', 'Foo', 'int', 'string', "'s'", '<<'];
const more = ['++', 'none', 'nil', 'is', 'as', '[]', '\u0000', '${'];
const vocabulary = [...words.split(' '), ...others, ...more];

export function tokenTexts(source: string): string[] {
  return lex(source).tokens.map((t) => source.slice(t.start, t.end));
}

/** One to three tokens lost, doubled, exchanged or replaced. */
export function mutated(texts: readonly string[], pick: (below: number) => number): string {
  const changed = [...texts];
  for (let n = 1 + pick(3); n > 0; n--) {
    const at = pick(changed.length);
    const how = pick(4);
    if (how === 0) changed.splice(at, 1);
    else if (how === 1) changed.splice(at, 0, vocabulary[pick(vocabulary.length)] as string);
    else if (how === 2) changed[at] = vocabulary[pick(vocabulary.length)] as string;
    else changed[at] = changed[pick(changed.length)] as string;
  }
  return changed.join(pick(2) === 0 ? ' ' : '\n');
}
