/** Integers as text in all bases, against BigInt and erl. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askErlang } from './num_oracle.ts';
import { loadNumberProbe, randomSource } from './num_probe.ts';

const probe = await loadNumberProbe();
const { vm, memory } = probe;

function binaryOf(text: string): bigint {
  const at = vm.allocate(text.length + 8);
  Buffer.from(memory.buffer).write(text, at, 'latin1');
  const made = (vm.binaryOf as (at: number, length: number) => bigint)(at, text.length);
  vm.release(at);
  return BigInt.asUintN(64, made);
}
const listOf = (text: string) =>
  probe.list([...text].map((char) => probe.term(BigInt(char.charCodeAt(0)))));

/** Call a BIF and follow its traps to the end. */
function run(name: string, ...terms: bigint[]): bigint {
  let result = probe.call(name, ...terms);
  while (result === 0n && probe.value(result) === 'class 3') result = probe.call('vbeamBigJob0');
  return result;
}

function textOf(value: bigint, base: number): string {
  return value.toString(base).toUpperCase();
}

function checkBothWays(value: bigint, base: number): void {
  vm.reset();
  const wanted = textOf(value, base);
  const radix = probe.term(BigInt(base));
  const term = probe.term(value);
  const list = run('erlangIntegerToList2', term, radix);
  assert.equal(probe.text(list), wanted, `${value} as a list in base ${base}`);
  const binary = run('erlangIntegerToBinary2', term, radix);
  assert.equal(probe.text(binary), wanted, `${value} as a binary in base ${base}`);
  assert.equal(probe.value(run('erlangListToInteger2', list, radix)), value, wanted);
  assert.equal(probe.value(run('erlangBinaryToInteger2', binary, radix)), value, wanted);
}

test('small and large integers in every base, both ways', () => {
  const random = randomSource(31);
  for (let base = 2; base <= 36; base++) {
    for (let round = 0; round < 300; round++) checkBothWays(random.integer(500), base);
    for (let round = 0; round < 5; round++) checkBothWays(random.integer(6000), base);
    for (let power = 1n, i = 0; i < 70; i++) {
      power *= BigInt(base);
      for (const value of [power - 1n, power, -power]) checkBothWays(value, base);
    }
  }
});

test('very large integers', () => {
  const random = randomSource(32);
  for (const base of [2, 10, 16, 32, 36]) checkBothWays(-random.bits(200000), base);
});

test('zeros in front and signs', () => {
  const zeros = '0'.repeat(200);
  for (const base of [2, 8, 10, 36]) {
    for (const value of [0n, 1n, 1n << 59n, 1n << 64n, (1n << 300n) + 1n]) {
      const digits = textOf(value, base);
      for (const [text, wanted] of [
        [zeros + digits, value],
        [`+${zeros}${digits.toLowerCase()}`, value],
        [`-${zeros}${digits}`, -value],
      ] as const) {
        vm.reset();
        const radix = probe.term(BigInt(base));
        assert.equal(probe.value(probe.call('erlangListToInteger2', listOf(text), radix)), wanted);
      }
    }
  }
});

test('what is an integer and what is not, as OTP says', () => {
  const random = randomSource(33);
  const cases: { text: string; base: number }[] = [];
  for (let round = 0; round < 6000; round++) {
    let text = '';
    const alphabet = round % 2 ? '0123456789+-' : '0123456789aAfFzZ+-_ x';
    for (let i = random.below(round % 5 ? 8 : 40); i >= 0; i--)
      text += alphabet[random.below(alphabet.length)];
    cases.push({ text, base: random.below(3) ? 10 : random.below(40) });
  }
  const codes = (text: string) => `[${[...text].map((c) => c.charCodeAt(0)).join(',')}]`;
  const wanted = askErlang(
    cases.flatMap(({ text, base }) => [
      `{erlang,list_to_integer,[${codes(text)},${base}]}`,
      `{erlang,binary_to_integer,[<<"${text}">>,${base}]}`,
      `{string,list_to_integer,[${codes(text)}]}`,
    ]),
  );
  const result = (term: bigint) => {
    const value = probe.value(term);
    return typeof value === 'bigint' ? `integer ${value}` : `error ${value}`;
  };
  for (const [i, { text, base }] of cases.entries()) {
    vm.reset();
    const [list, radix] = [listOf(text), probe.term(BigInt(base))];
    const first = result(probe.call('erlangListToInteger2', list, radix));
    assert.equal(first, wanted[3 * i], `${text} in base ${base}`);
    const second = result(probe.call('erlangBinaryToInteger2', binaryOf(text), radix));
    assert.equal(second, wanted[3 * i + 1], `${text} in base ${base}`);
    const [number, rest] = probe.pair(probe.call('stringListToInteger1', list));
    const value = probe.value(number);
    const third =
      typeof value === 'bigint'
        ? `integer ${value} rest ${codes(probe.text(rest))}`
        : `{error,${(probe.value(rest) as { atom: string }).atom}}`;
    assert.equal(third, wanted[3 * i + 2], text);
  }
});

test('arguments that are no integers, bases or texts give badarg', () => {
  const ten = probe.term(10n);
  const atom = probe.atom('badarg');
  const digit = probe.term(49n);
  const wrong: readonly [string, bigint, bigint][] = [
    ['erlangIntegerToList2', atom, ten],
    ['erlangIntegerToList2', probe.term(1.5), ten],
    ['erlangIntegerToList2', ten, probe.term(1n)],
    ['erlangIntegerToList2', ten, probe.term(37n)],
    ['erlangIntegerToBinary2', ten, probe.term(1n << 70n)],
    ['erlangIntegerToBinary2', ten, atom],
    ['erlangListToInteger2', 0x3bn, ten],
    ['erlangListToInteger2', probe.list([digit], atom), ten],
    ['erlangListToInteger2', probe.list([digit, atom]), ten],
    ['erlangListToInteger2', probe.list([digit, probe.term(49n + 256n)]), ten],
    ['erlangListToInteger2', atom, ten],
    ['erlangListToInteger2', probe.list([digit]), atom],
    ['erlangBinaryToInteger2', atom, ten],
    ['erlangBinaryToInteger2', probe.list([digit]), ten],
    ['erlangBinaryToInteger2', binaryOf(''), ten],
  ];
  for (const [name, a, b] of wrong)
    assert.equal(probe.value(probe.call(name, a, b)), 'badarg', name);
});

test('string:list_to_integer gives back whatever follows, and says what is no list', () => {
  const atom = probe.atom('badarg');
  const digit = probe.term(49n);
  const pair = (list: bigint) => probe.pair(probe.call('stringListToInteger1', list));
  assert.deepEqual(pair(probe.list([digit], atom)), [probe.term(1n), atom]);
  assert.deepEqual(pair(atom), [probe.atom('error'), probe.atom('not_a_list')]);
  assert.deepEqual(pair(0x3bn), [probe.atom('error'), probe.atom('no_integer')]);
  assert.deepEqual(pair(probe.list([atom])), [probe.atom('error'), probe.atom('no_integer')]);
  const rest = probe.list([atom, digit]);
  assert.deepEqual(pair(probe.list([digit], rest)), [probe.term(1n), rest]);
});

test('text of more than the largest integer is system_limit', () => {
  vm.reset();
  const text = `1${'0'.repeat(33554368 / 4)}`;
  assert.equal(
    probe.value(probe.call('erlangBinaryToInteger2', binaryOf(text), probe.term(16n))),
    'system_limit',
  );
});
