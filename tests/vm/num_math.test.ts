/**
 * Module math against erl, which calls glibc, and where glibc is off by more than one unit in the
 * last place, against exact values.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askErlang, erlangFloat, floatBits, floatOfBits } from './num_oracle.ts';
import { loadNumberProbe, randomSource, type Value } from './num_probe.ts';

const probe = await loadNumberProbe();
const { vm } = probe;
const random = randomSource(51);

const unit = () => Number(random.bits(53)) / 2 ** 53;
const signed = () => unit() * 2 - 1;
const wide = () => (random.below(2) ? -1 : 1) * 2 ** (unit() * 60 - 30);
function anyFloat(): number {
  while (true) {
    const value = floatOfBits(random.bits(64));
    if (Number.isFinite(value)) return value;
  }
}
const positive = (make: () => number) => () => Math.abs(make());

/** BIF, arity, arguments, and how many units in the last place glibc may be away. */
const functions: readonly [string, string, number, readonly (() => number)[]][] = [
  ['sin', 'mathSin1', 1, [wide]],
  ['sin', 'mathSin1', 1, [anyFloat]],
  ['cos', 'mathCos1', 1, [wide]],
  ['cos', 'mathCos1', 1, [anyFloat]],
  ['tan', 'mathTan1', 1, [wide]],
  ['tan', 'mathTan1', 1, [anyFloat]],
  ['asin', 'mathAsin1', 1, [signed]],
  ['acos', 'mathAcos1', 1, [signed]],
  ['atan', 'mathAtan1', 1, [wide]],
  ['atan2', 'mathAtan22', 1, [wide, wide]],
  ['atan2', 'mathAtan22', 1, [anyFloat, anyFloat]],
  ['sinh', 'mathSinh1', 2, [() => signed() * 720]],
  ['sinh', 'mathSinh1', 2, [signed]],
  ['cosh', 'mathCosh1', 2, [() => signed() * 720]],
  ['tanh', 'mathTanh1', 2, [() => signed() * 20]],
  ['tanh', 'mathTanh1', 2, [signed]],
  ['asinh', 'mathAsinh1', 2, [wide]],
  ['acosh', 'mathAcosh1', 2, [() => 1 + Math.abs(wide())]],
  ['atanh', 'mathAtanh1', 2, [signed]],
  ['exp', 'mathExp1', 1, [() => signed() * 750]],
  ['exp', 'mathExp1', 1, [signed]],
  ['log', 'mathLog1', 1, [positive(anyFloat)]],
  ['log2', 'mathLog21', 1, [positive(anyFloat)]],
  ['log10', 'mathLog101', 1, [positive(anyFloat)]],
  ['sqrt', 'mathSqrt1', 0, [positive(anyFloat)]],
  ['floor', 'mathFloor1', 0, [wide]],
  ['ceil', 'mathCeil1', 0, [wide]],
  ['fmod', 'mathFmod2', 0, [anyFloat, wide]],
  ['pow', 'mathPow2', 1, [positive(wide), () => signed() * 40]],
  ['pow', 'mathPow2', 1, [() => 1 + unit() / 1000, () => signed() * 1e5]],
  ['erf', 'mathErf1', 1, [() => signed() * 7]],
  ['erfc', 'mathErfc1', 5, [() => signed() * 28]],
];

/** Position of a float among all floats. */
function rank(value: number): bigint {
  const bits = floatBits(value);
  return bits >> 63n ? -(bits & ((1n << 63n) - 1n)) : bits;
}
function unitsApart(a: number, b: number): number {
  const difference = rank(a) - rank(b);
  return Number(difference < 0n ? -difference : difference);
}
const argumentText = (v: Value) =>
  typeof v === 'number' ? erlangFloat(v) : typeof v === 'bigint' ? String(v) : v.atom;

interface Call {
  readonly name: string;
  readonly bif: string;
  readonly units: number;
  readonly row: readonly Value[];
}

function compareWithErlang(calls: readonly Call[]): void {
  const answers = askErlang(
    calls.map(({ name, row }) => `{math,${name},[${row.map(argumentText)}]}`),
  );
  for (const [i, wanted] of answers.entries()) {
    const { name, bif, units, row } = calls[i]!;
    vm.reset();
    const got = probe.value(probe.call(bif, ...row.map((value) => probe.term(value))));
    const float = /^float (\d+)$/.exec(wanted);
    const where = `math:${name}(${row.map((v) => (typeof v === 'object' ? v.atom : v))})`;
    if (!float) assert.equal(`error ${got}`, wanted, where);
    else if (typeof got !== 'number') assert.fail(`${where} is ${wanted}, not ${got}`);
    else {
      const value = floatOfBits(BigInt(float[1]!));
      assert.ok(unitsApart(got, value) <= units, `${where} is ${value}, not ${got}`);
    }
  }
}

test('random arguments', () => {
  const rows = functions.flatMap(([name, bif, units, makers]) =>
    Array.from({ length: 400 }, () => ({ name, bif, units, row: makers.map((make) => make()) })),
  );
  compareWithErlang(rows);
});

test('arguments at the edges, integers of all sizes and what is no number', () => {
  const specials: Value[] = [0, -0, 1, -1, 0.5, -0.5, 2, 5e-324, -5e-324, 1e-300, 2 ** -26, 1e-9];
  specials.push(1e17, 1e22, 1e300, -1e300, Number.MAX_VALUE, 710, -746, Math.PI, Math.PI / 2, 27.2);
  specials.push(2.2250738585072014e-308, 1 + 2 ** -52, 1 - 2 ** -53, 0.35, 6, 5.9, 26.5, -10);
  specials.push(0n, 1n, -1n, 2n, 10n, 1000n, 1n << 70n, -(1n << 70n), 1n << 2000n);
  specials.push({ atom: 'badarg' });
  const distinct = functions.filter(([name], i) => functions.findIndex((f) => f[0] === name) === i);
  assert.equal(distinct.length, 24);
  const calls = distinct.flatMap(([name, bif, units, makers]) =>
    specials.flatMap((a) =>
      (makers.length === 1 ? [[a]] : specials.map((b) => [a, b])).map((row) => ({
        name,
        bif,
        units,
        row,
      })),
    ),
  );
  compareWithErlang(calls);
});

// ---- exact values in fixed point

const places = 2600n;
const one = 1n << places;
const times = (a: bigint, b: bigint) => (a * b) >> places;
const over = (a: bigint, b: bigint) => (a << places) / b;
function fixed(value: number): bigint {
  const bits = floatBits(Math.abs(value));
  const field = bits >> 52n;
  const significand = (bits & ((1n << 52n) - 1n)) | (field ? 1n << 52n : 0n);
  const size = (significand << (field || 1n)) << (places - 1075n);
  return value < 0 ? -size : size;
}
function expFixed(x: bigint): bigint {
  const reduced = x >> 20n;
  let [sum, term] = [one, one];
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = times(term, reduced) / n;
    sum += term;
  }
  for (let i = 0; i < 20; i++) sum = times(sum, sum);
  return sum;
}
function rootFixed(x: bigint): bigint {
  let root = 1n << BigInt(((x << places).toString(2).length + 1) >> 1);
  while (true) {
    const next = (root + (x << places) / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
function piFixed(): bigint {
  const inverseTangent = (n: bigint) => {
    let [sum, term] = [one / n, one / n];
    for (let i = 3n; term; i += 2n) {
      term /= n * n;
      sum += (i & 2n ? -1n : 1n) * (term / i);
    }
    return sum;
  };
  return 4n * (4n * inverseTangent(5n) - inverseTangent(239n));
}
const rootOfPi = rootFixed(piFixed());
function erfcFixed(x: number): bigint {
  const z = fixed(Math.abs(x));
  let [sum, term] = [z, z];
  for (let n = 3n; term; n += 2n) {
    term = (2n * times(times(term, z), z)) / n;
    sum += term;
  }
  const erf = over(2n * times(sum, expFixed(-times(z, z))), rootOfPi);
  return x < 0 ? one + erf : one - erf;
}
const exactFunctions: readonly [string, (x: number) => bigint, () => number][] = [
  ['mathErfc1', erfcFixed, () => signed() * 26],
  ['mathErf1', (x) => one - erfcFixed(x), () => signed() * 5],
  [
    'mathTanh1',
    (x) => over(expFixed(2n * fixed(x)) - one, expFixed(2n * fixed(x)) + one),
    () => signed() * 4,
  ],
  [
    'mathSinh1',
    (x) => (expFixed(fixed(x)) - over(one, expFixed(fixed(x)))) / 2n,
    () => signed() * 30,
  ],
];

test('erf, erfc, sinh and tanh are within one unit of the exact value', () => {
  for (const [bif, exact, argument] of exactFunctions) {
    for (let round = 0; round < 60; round++) {
      const x = argument();
      const got = probe.value(probe.call(bif, probe.term(x))) as number;
      const wanted = exact(x);
      const above = fixed(floatOfBits(floatBits(Math.abs(got)) + 1n)) - fixed(Math.abs(got));
      const off = wanted - fixed(got);
      assert.ok((off < 0n ? -off : off) <= above, `${bif} ${x}`);
    }
  }
});
