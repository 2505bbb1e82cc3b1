/** Order, equality, hashes and sizes of random terms, compared with those that `erl` gives. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadProbe, randomNumbers } from './bin_probe.ts';
import { Builder, canonical, encode, jsonBigint, randomTerm, type Term } from './term_model.ts';

const seed = 20240;
const termCount = 3000;
const pairCount = 30000;

const erlang = `
  {ok, File} = file:read_file(hd(init:get_plain_arguments())),
  {Terms, Pairs} = binary_to_term(File),
  Array = list_to_tuple(Terms),
  [io:format("~b ~b ~b ~b~n", [
     erlang:phash2(T, 1 bsl 32), erlang:phash2(T), apply(erlang, phash, [T, 1 bsl 32]) - 1,
     erts_debug:flat_size(T)]) || T <- Terms],
  [begin
     A = element(I, Array), B = element(J, Array),
     Order = if A < B -> -1; A > B -> 1; true -> 0 end,
     io:format("~b ~b ~p ~p~n", [Order, erts_internal:cmp_term(A, B), A == B, A =:= B])
   end || {I, J} <- Pairs],
  halt().`;

const folder = mkdtempSync(join(tmpdir(), 'vbeam-compare-'));
after(() => rmSync(folder, { recursive: true }));

/** What erl prints about the terms and about pairs of them. */
function askErlang(
  terms: readonly Term[],
  pairs: readonly (readonly [number, number])[],
): string[] {
  const index = (value: number): Term => ({ kind: 'int', value: BigInt(value + 1) });
  const pairTerms = pairs.map(([i, j]): Term => ({ kind: 'tuple', items: [index(i), index(j)] }));
  const whole: Term = {
    kind: 'tuple',
    items: [
      { kind: 'list', items: [...terms], tail: null },
      { kind: 'list', items: pairTerms, tail: null },
    ],
  };
  const path = join(folder, 'terms.etf');
  writeFileSync(path, Buffer.from([131, ...encode(whole)]));
  const text = execFileSync('erl', ['-noshell', '-eval', erlang, '-extra', path], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 60_000,
  });
  return text.trim().split('\n');
}

/** A term like `t`, but for one thing: so that pairs are often equal, or nearly. */
function changed(t: Term, random: (limit: number) => number): Term {
  if (t.kind === 'int' && random(2) && t.value > -(2n ** 60n) && t.value < 2n ** 60n)
    return { kind: 'float', value: Number(t.value) };
  if (t.kind === 'bits') return { ...t, form: random(1 << 16) };
  if ((t.kind === 'tuple' || t.kind === 'list') && t.items.length) {
    const at = random(t.items.length);
    return { ...t, items: t.items.map((item, i) => (i === at ? changed(item, random) : item)) };
  }
  if (t.kind === 'map' && t.pairs.length) {
    const at = random(t.pairs.length);
    const value = random(2) === 0;
    const pairs = t.pairs.map(([k, v], i): [Term, Term] =>
      i !== at ? [k, v] : value ? [k, changed(v, random)] : [changed(k, random), v],
    );
    return { kind: 'map', pairs: uniqueKeys(pairs) };
  }
  return random(3) ? t : randomTerm(random, 1);
}
function uniqueKeys(pairs: [Term, Term][]): [Term, Term][] {
  const held = new Map(pairs.map((pair) => [JSON.stringify(canonical(pair[0]), jsonBigint), pair]));
  return [...held.values()];
}

interface Cases {
  builder: Builder;
  terms: Term[];
  words: bigint[];
  pairs: [number, number][];
  answers: string[];
}
let cases: Cases;
before(async () => {
  const builder = new Builder(await loadProbe('vm/probe_gc.ts', 16 << 20));
  const random = randomNumbers(seed);
  const terms: Term[] = [];
  while (terms.length < termCount) {
    const term = randomTerm(random, 1 + random(4));
    terms.push(term, changed(term, random), changed(term, random));
  }
  const pairs: [number, number][] = [];
  while (pairs.length < pairCount) {
    const i = random(terms.length);
    pairs.push([
      i,
      random(2)
        ? random(terms.length)
        : Math.min(terms.length - 1, 3 * Math.floor(i / 3) + random(3)),
    ]);
  }
  const words = terms.map((term) => builder.build(term));
  cases = { builder, terms, words, pairs, answers: askErlang(terms, pairs) };
});
const show = (t: Term) => JSON.stringify(t, jsonBigint);

test('hashes are those of OTP', () => {
  const { builder, terms, words, answers } = cases;
  words.forEach((word, i) => {
    const got = [
      builder.call('hash2', word),
      builder.call('phash2', word),
      builder.call('legacyHash', word),
    ];
    const text = got.map((value) => (value as number) >>> 0).join(' ');
    assert.equal(text, answers[i]!.replace(/ \d+$/, ''), `seed ${seed}: ${show(terms[i]!)}`);
  });
});

/**
 * The size of a map of more than 32 keys depends on hashes of keys that are not the same in the two
 * systems.
 */
function hasLargeMap(t: Term): boolean {
  if (t.kind === 'map')
    return t.pairs.length > 32 || t.pairs.some(([k, v]) => hasLargeMap(k) || hasLargeMap(v));
  if (t.kind === 'list')
    return t.items.some(hasLargeMap) || (t.tail !== null && hasLargeMap(t.tail));
  if (t.kind === 'tuple') return t.items.some(hasLargeMap);
  return t.kind === 'fun' && t.free.some(hasLargeMap);
}
test('flat sizes are those of OTP', () => {
  const { builder, terms, answers } = cases;
  builder.plain = true;
  terms.forEach((term, i) => {
    if (hasLargeMap(term)) return;
    const got = builder.call('otpFlatSize', builder.build(term));
    assert.equal(got, Number(answers[i]!.split(' ')[3]), `seed ${seed}: ${show(term)}`);
  });
  builder.plain = false;
});

function checkPairs({ builder, terms, words, pairs, answers }: Cases): void {
  pairs.forEach(([i, j], at) => {
    const [a, b] = [words[i]!, words[j]!];
    const order = Math.sign(builder.call('compare', a, b) as number);
    const keys = Math.sign(builder.call('compareKeys', a, b) as number);
    const text = `${order} ${keys} ${!!builder.call('equal', a, b)} ${!!builder.call('identical', a, b)}`;
    assert.equal(
      text,
      answers[terms.length + at],
      `seed ${seed}: ${show(terms[i]!)} and ${show(terms[j]!)}`,
    );
  });
  assert.equal(builder.call('workStackDepth'), 0);
}
test('order and equality are those of OTP', () => checkPairs(cases));

/**
 * Maps of 33 to 40 keys, most of them made from one another, some with such maps as keys and
 * values.
 */
function largeMaps(random: (limit: number) => number, count: number): Term[] {
  const maps: Term[] = [];
  for (let i = 0; i < count; i++) {
    const size = 33 + random(8);
    const key = (n: number): Term => {
      if (n % 11 === 3 && maps.length) return maps[random(3)]!;
      return n % 3
        ? { kind: 'int', value: BigInt(n) }
        : { kind: 'tuple', items: [{ kind: 'int', value: BigInt(n) }] };
    };
    const pairs = Array.from({ length: size }, (_, n): [Term, Term] => [
      key(n),
      n % 7 === 2 && maps.length ? maps[random(3)]! : { kind: 'atom', name: 'a' },
    ]);
    const map: Term = { kind: 'map', pairs: uniqueKeys(pairs) };
    maps.push(map, changed(map, random), changed(map, random));
  }
  return maps;
}

test('large maps are in the order of OTP, also when the hashes of their keys collide', () => {
  const { builder } = cases;
  const random = randomNumbers(seed);
  const terms = largeMaps(random, 6);
  const pairs = terms.flatMap((_, i) => terms.map((_, j): [number, number] => [i, j]));
  const answers = askErlang(terms, pairs);
  for (const mask of [-1, 7, 0]) {
    builder.call('setHashMask', mask);
    checkPairs({ builder, terms, words: terms.map((term) => builder.build(term)), pairs, answers });
  }
  builder.call('setHashMask', -1);
});

test('identical terms have the same internal hash, others rarely', () => {
  const { builder, terms, words } = cases;
  const byForm = new Map<string, number>();
  const byHash = new Map<number, string>();
  let collisions = 0;
  words.forEach((word, i) => {
    const form = JSON.stringify(canonical(terms[i]!), jsonBigint);
    const hash = builder.call('internalHash', word) as number;
    assert.equal(byForm.get(form) ?? hash, hash, show(terms[i]!));
    byForm.set(form, hash);
    const other = byHash.get(hash);
    if (other !== undefined && other !== form) collisions++;
    byHash.set(hash, form);
  });
  assert.ok(collisions < 3, `${collisions} collisions`);
});
