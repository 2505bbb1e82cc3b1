/** The bs_ instructions one by one, against bit strings made in JavaScript. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadProbe, randomNumbers } from './bin_probe.ts';
import { atom, bits, failLabel, machineOf, type Term } from './bin_terms.ts';

const probe = await loadProbe();
const { vm } = probe;
const { x, setX, getX, constant, run, reset, make, read } = machineOf(probe);

const twos = (value: bigint, count: number): string =>
  count ? BigInt.asUintN(count, value).toString(2).padStart(count, '0') : '';
/** A field of bits as little-endian: whole bytes from the low end, then the remaining high bits. */
function littleText(big: string): string {
  const bytes: string[] = [];
  let left = big;
  for (; left.length >= 8; left = left.slice(0, -8)) bytes.push(left.slice(-8));
  return bytes.join('') + left;
}
function randomInteger(random: (limit: number) => number, size: number): bigint {
  let value = 0n;
  for (let i = 0; i < size; i += 24) value = (value << 24n) | BigInt(random(1 << 24));
  value &= (1n << BigInt(size)) - 1n;
  return random(2) ? -value : value;
}
const word = (value: Term) => constant(value);
const n = (value: number) => constant(BigInt(value));
type Segment = [type: string, unit: number, flags: string[], value: number, size: number];
/** Kinds as bits_fields.ts numbers them. */
const kinds = [
  'integer',
  'float',
  'binary',
  'utf8',
  'utf16',
  'utf32',
  'string',
  'append',
  'private_append',
];
/** A size operand that means all of the value. */
const all = 0;
function createWords(segments: Segment[]): number[] {
  return segments.flatMap(([type, unit, flags, value, size]) => {
    const flagBits = (flags.includes('little') ? 2 : 0) | (flags.includes('signed') ? 4 : 0);
    const packed = kinds.indexOf(type) | (flagBits << 8) | (size === all ? 1 << 16 : 0);
    return [packed, unit, value, size === all ? n(0) : size];
  });
}
/** Run bs_create_bin into X0. */
function create(...segments: Segment[]): boolean {
  const words = createWords(segments);
  return run('bs_create_bin', failLabel, 0, 0, 0, x(0), words.length, ...words);
}
function startMatch(value: Term): void {
  setX(1, value);
  ok(run('bs_start_match3', failLabel, x(1), 2, x(2)));
}
const match = (name: string, size: number, unit: number, flags: number): boolean =>
  run(name, failLabel, x(2), 0, n(size), unit, flags, x(3));
/**
 * assert.ok without a message looks for the source text, which takes forever in transpiled files.
 */
const ok = (value: boolean) => assert.equal(value, true);
const seen = (value: Term) => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}` : v));
const equal = (found: Term, wanted: Term, note = '') =>
  assert.equal(seen(found), seen(wanted), note);

test('integers of every size, at every offset, in both directions', () => {
  const random = randomNumbers(11);
  for (let round = 0; round < 6000; round++) {
    reset();
    const lead = random(20);
    const size = random(8) ? random(140) : random(2000);
    const [little, signed] = [random(2), random(2)];
    const value = randomInteger(random, random(2) ? size : random(2 * size + 3));
    const names = [...(little ? ['little'] : []), ...(signed ? ['signed'] : [])];
    const made = create(
      ['integer', 1, [], word(0x2ab5an), n(lead)],
      ['integer', 1, names, word(value), n(size)],
      ['integer', 1, [], word(5n), n(3)],
    );
    ok(made);
    const field = twos(value, size);
    const text = `${twos(0x2ab5an, lead)}${little ? littleText(field) : field}101`;
    equal(getX(0), bits(text));
    startMatch(getX(0));
    ok(match('bs_get_integer2', lead, 1, 0));
    equal(getX(3), lead ? BigInt(`0b${twos(0x2ab5an, lead)}`) : 0n);
    ok(match('bs_get_integer2', size, 1, (little ? 2 : 0) | (signed ? 4 : 0)));
    const wanted = signed ? BigInt.asIntN(size, value) : BigInt.asUintN(size, value);
    equal(getX(3), wanted, `value ${value} size ${size} little ${little} signed ${signed}`);
    assert.equal(match('bs_get_integer2', 4, 1, 0), false);
    ok(run('bs_test_tail2', failLabel, x(2), 3));
    ok(match('bs_get_integer2', 3, 1, 16));
    equal(getX(3), 5n);
  }
});

test('floats of 32 and 64 bits', () => {
  const random = randomNumbers(12);
  for (let round = 0; round < 1000; round++) {
    reset();
    const lead = random(9);
    const size = random(2) ? 64 : 32;
    const little = random(2);
    const value = (random(2 ** 32) - 2 ** 31) * 2 ** (random(100) - 50);
    const buffer = new DataView(new ArrayBuffer(8));
    if (size === 64) buffer.setFloat64(0, value);
    else buffer.setFloat32(0, value);
    const kept = size === 64 ? value : Math.fround(value);
    const field = twos(buffer.getBigUint64(0), 64).slice(0, size);
    ok(
      create(
        ['integer', 1, [], word(0n), n(lead)],
        ['float', 1, little ? ['little'] : [], word(value), n(size)],
      ),
    );
    equal(getX(0), bits('0'.repeat(lead) + (little ? littleText(field) : field)));
    startMatch(getX(0));
    ok(run('bs_skip_bits2', failLabel, x(2), n(lead), 1, 0));
    ok(match('bs_get_float2', size, 1, little ? 2 : 0));
    assert.equal(getX(3), kept);
  }
});

test('half floats: every one is read and written back', () => {
  for (let half = 0; half < 65536; half++) {
    const [sign, exponent, fraction] = [half >> 15, (half >> 10) & 31, half & 1023];
    const magnitude =
      exponent === 31
        ? fraction
          ? Number.NaN
          : Number.POSITIVE_INFINITY
        : exponent
          ? (1 + fraction / 1024) * 2 ** (exponent - 15)
          : fraction * 2 ** -24;
    const value = sign ? -magnitude : magnitude;
    ok(Object.is(vm.floatOfHalf(half), value) || Number.isNaN(value));
    if (!Number.isNaN(value)) assert.equal(vm.halfOfFloat(value), half);
  }
  // The two neighbours of each number, and the middle between them: ties go to the even one.
  for (let half = 0; half < 0x7bff; half++) {
    const [low, high] = [vm.floatOfHalf(half), vm.floatOfHalf(half + 1)];
    const middle = (low + high) / 2;
    assert.equal(vm.halfOfFloat(middle), half + (half & 1), `${middle}`);
    assert.equal(vm.halfOfFloat(low + (high - low) * 0.49), half);
    assert.equal(vm.halfOfFloat(low + (high - low) * 0.51), half + 1);
  }
});

test('characters in UTF-8, UTF-16 and UTF-32', () => {
  const random = randomNumbers(13);
  const edges = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff];
  for (let round = 0; round < 1500; round++) {
    reset();
    let point = round < edges.length ? edges[round]! : random(0x110000);
    if (point >= 0xd800 && point < 0xe000) point = 65;
    const lead = random(9);
    const little = random(2);
    const flags = little ? ['little'] : [];
    const value = word(BigInt(point));
    const text = String.fromCodePoint(point);
    const bytesText = (buffer: Buffer) => [...buffer].map((b) => twos(BigInt(b), 8)).join('');
    const utf16 = Buffer.from(text, 'utf16le');
    const utf32 = twos(BigInt(point), 32);
    const forms: [string, string][] = [
      ['utf8', bytesText(Buffer.from(text, 'utf8'))],
      ['utf16', bytesText(little ? utf16 : Buffer.from(utf16).swap16())],
      ['utf32', little ? littleText(utf32) : utf32],
    ];
    for (const [form, wanted] of forms) {
      const head: Segment = ['integer', 1, [], word(1n), n(lead)];
      ok(create(head, [form, 0, flags, value, word(atom('undefined'))]));
      const start = twos(1n, lead);
      equal(getX(0), bits(start + wanted));
      for (const name of [`bs_get_${form}`, `bs_skip_${form}`]) {
        startMatch(bits(`${start}${wanted}1`));
        ok(run('bs_skip_bits2', failLabel, x(2), n(lead), 1, 0));
        const target = name.includes('get') ? [x(3)] : [];
        ok(run(name, failLabel, x(2), 0, little ? 2 : 0, ...target));
        if (target.length) equal(getX(3), BigInt(point));
        ok(run('bs_test_tail2', failLabel, x(2), 1));
      }
      startMatch(bits(wanted.slice(0, -8)));
      assert.equal(run(`bs_get_${form}`, failLabel, x(2), 0, little ? 2 : 0, x(3)), false);
    }
  }
});

test('what is no character is refused', () => {
  const bad = ['c080', 'c1bf', 'e09fbf', 'eda080', 'edbfbf', 'f08fbfbf', 'f4908080', 'f5808080'];
  for (const hex of [...bad, '80', 'bf', 'c241', 'e28241', 'f0908041', 'ff', 'fe', 'c2', 'e282']) {
    reset();
    startMatch(bits(twos(BigInt(`0x${hex}`), hex.length * 4)));
    assert.equal(run('bs_get_utf8', failLabel, x(2), 0, 0, x(3)), false, hex);
    ok(run('bs_test_tail2', failLabel, x(2), hex.length * 4));
  }
  for (const hex of ['d800', 'dc00', 'd8000041', 'dc00dc00']) {
    startMatch(bits(twos(BigInt(`0x${hex}`), hex.length * 4)));
    assert.equal(run('bs_get_utf16', failLabel, x(2), 0, 0, x(3)), false, hex);
  }
  for (const hex of ['0000d800', '00110000', 'ffffffff']) {
    startMatch(bits(twos(BigInt(`0x${hex}`), 32)));
    assert.equal(run('bs_get_utf32', failLabel, x(2), 0, 0, x(3)), false, hex);
  }
  for (const form of ['utf8', 'utf16', 'utf32']) {
    for (const value of [-1n, 0xd800n, 0xdfffn, 0x110000n, 1n << 70n, atom('a'), 1.0]) {
      assert.equal(create([form, 0, [], word(value), word(atom('undefined'))]), false);
    }
  }
});

test('sizes and values that do not go together are refused', () => {
  reset();
  const cases: [string, Term, Term, number][] = [
    ['integer', 1n, -1n, 1],
    ['integer', 1n, -(1n << 80n), 1],
    ['integer', 1n, 1n << 80n, 1],
    ['integer', 1n, 1n << 58n, 256],
    ['integer', 1n, 1n << 36n, 1],
    ['integer', 1n, 1.5, 1],
    ['integer', 1n, atom('a'), 1],
    ['integer', 1.0, 8n, 1],
    ['integer', bits('1'), 8n, 1],
    ['float', 1.0, 63n, 1],
    ['float', 1.0, 0n, 1],
    ['float', atom('x'), 64n, 1],
    ['float', 1n << 2000n, 64n, 1],
    ['binary', bits('0'.repeat(16)), 3n, 8],
    ['binary', [1n], 1n, 8],
  ];
  for (const [type, value, size, unit] of cases) {
    const made = create([type, unit, [], word(value), word(size)]);
    assert.equal(made, false, `${type} ${seen(value)} ${seen(size)}`);
  }
  assert.equal(create(['binary', 8, [], word(bits('0'.repeat(9))), all]), false);
  assert.equal(create(['binary', 8, [], word(7n), all]), false);
  setX(5, atom('all'));
  assert.equal(create(['binary', 8, [], word(bits('00000001')), x(5)]), false);
});

test('appending grows in place and never changes what was there', () => {
  const random = randomNumbers(14);
  for (let round = 0; round < 60; round++) {
    reset();
    const private_ = random(2) === 1;
    setX(0, bits(twos(randomInteger(random, 30), random(30))));
    let wanted = (getX(0) as { text: string }).text;
    const kept: [bigint, string][] = [];
    for (let step = 0; step < 40; step++) {
      const current = probe.view().getBigUint64(x(0), true);
      if (!private_) kept.push([current, wanted]);
      const size = random(4) ? random(30) : random(900);
      const value = randomInteger(random, size);
      const type = private_ && step ? 'private_append' : 'append';
      ok(create([type, 1, [], x(0), all], ['integer', 1, [], word(value), n(size)]));
      wanted += twos(value, size);
      equal(getX(0), bits(wanted));
      const older = kept[random(kept.length || 1)];
      if (older && random(5) === 0) {
        // Appending to an older one must copy.
        equal(read(older[0]), bits(older[1]));
        probe.view().setBigUint64(x(4), older[0], true);
        const words = createWords([
          ['append', 1, [], x(4), all],
          ['integer', 1, [], n(-1), n(7)],
        ]);
        ok(run('bs_create_bin', failLabel, 0, 0, 0, x(5), words.length, ...words));
        equal(getX(5), bits(`${older[1]}1111111`));
        equal(getX(0), bits(wanted));
      }
      if (random(9) === 0) {
        // A match context pins the data; later appends copy.
        ok(run('bs_start_match3', failLabel, x(0), 2, x(2)));
        ok(run('bs_get_tail', x(2), x(3), 4));
        equal(getX(3), bits(wanted));
      }
    }
    for (const [term, text] of kept) equal(read(term), bits(text));
  }
});

test('an append whose unit does not divide the old size is refused', () => {
  reset();
  setX(0, bits('1010101'));
  const words: Segment[] = [
    ['append', 8, [], x(0), all],
    ['integer', 1, [], n(1), n(8)],
  ];
  assert.equal(create(...words), false);
});

test('the instructions of older compilers build the same', () => {
  reset();
  setX(1, 77n);
  setX(2, bits('110'));
  ok(run('bs_add', failLabel, n(7), n(5), 8, x(3)));
  equal(getX(3), 47n);
  ok(run('bs_init_bits', failLabel, x(3), 0, 0, 0, x(0)));
  ok(run('bs_put_integer', failLabel, n(20), 1, 0, x(1)));
  ok(run('bs_put_binary', failLabel, constant(atom('all')), 1, 0, x(2)));
  const text = constant(0n);
  probe.bytes().write('ab', text);
  ok(run('bs_put_string', 2, text));
  ok(run('bs_put_utf8', failLabel, 0, n(0x41)));
  assert.equal(run('bs_put_integer', failLabel, n(1), 1, 0, x(1)), false, 'no room is left');
  equal(getX(0), bits(`${twos(77n, 20)}110${twos(0x6162n, 16)}${twos(0x41n, 8)}`));
  setX(0, 100n);
  ok(run('bs_init_writable'));
  let wanted = '';
  for (let i = 0; i < 300; i++) {
    ok(run('bs_private_append', failLabel, n(13), 1, x(0), 0, x(0)));
    ok(run('bs_put_integer', failLabel, n(13), 1, 0, n(i)));
    wanted += twos(BigInt(i), 13);
    equal(getX(0), bits(wanted));
  }
  ok(run('bs_append', failLabel, n(64), 0, 1, 1, x(0), 0, x(4)));
  ok(run('bs_put_float', failLabel, n(64), 1, 2, n(0)));
  equal(getX(4), bits(wanted + '0'.repeat(64)));
  equal(getX(0), bits(wanted));
  assert.equal(run('bs_append', failLabel, n(8), 0, 1, 8, x(0), 0, x(4)), false);
  vm.abandonBuild();
  assert.equal(run('bs_put_utf32', failLabel, 0, n(1)), false, 'nothing is being built');
});

test('positions, tails, units and strings', () => {
  reset();
  const text = '0110100001100101011011000110110001101111101';
  startMatch(bits(text));
  const string = constant(0n);
  probe.bytes().write('hex', string);
  ok(run('bs_match_string', failLabel, x(2), 16, string));
  ok(run('bs_get_position', x(2), x(4), 0));
  assert.equal(run('bs_match_string', failLabel, x(2), 8, string), false);
  ok(run('bs_test_unit', failLabel, x(2), 9));
  assert.equal(run('bs_test_unit', failLabel, x(2), 8), false);
  ok(run('bs_skip_bits2', failLabel, x(2), n(3), 8, 0));
  ok(run('bs_get_tail', x(2), x(3), 0));
  equal(getX(3), bits('101'));
  ok(run('bs_set_position', x(2), x(4)));
  ok(match('bs_get_binary2', 2, 8, 0));
  equal(getX(3), bits(text.slice(16, 32)));
  assert.equal(match('bs_get_binary2', 2, 8, 0), false);
  ok(run('bs_get_binary2', failLabel, x(2), 0, word(atom('all')), 11, 0, x(3)));
  equal(getX(3), bits(text.slice(32)));
  for (const size of [-1n, 1n << 40n, 1n << 59n, -(1n << 70n), 1n << 70n]) {
    assert.equal(run('bs_skip_bits2', failLabel, x(2), word(size), 255, 0), false);
  }
  for (const other of [1n, atom('a'), [1n], { tuple: [] }, 1.0] as Term[]) {
    setX(1, other);
    assert.equal(run('bs_start_match4', failLabel, 0, x(1), x(5)), false);
    assert.equal(run('bs_start_match3', failLabel, x(1), 0, x(5)), false);
    assert.equal(run('bs_get_utf8', failLabel, x(1), 0, 0, x(3)), false);
  }
});

test('bs_match runs its commands in order', () => {
  reset();
  const commands = (...words: number[]) => run('bs_match', failLabel, x(2), words.length, ...words);
  // Codes of the commands, as bits_commands.ts numbers them.
  const names = [
    '',
    'ensure_at_least',
    'ensure_exactly',
    'integer',
    'binary',
    'skip',
    'get_tail',
    '=:=',
  ];
  const name = (text: string) => Math.max(names.indexOf(text), 0);
  const nil = 0;
  const text = `${twos(0xa5n, 8)}${twos(-3n, 5)}${twos(0x123n, 16)}11100`;
  startMatch(bits(text));
  ok(
    commands(
      ...[name('ensure_at_least'), 29, 1],
      ...[name('=:='), nil, 8, n(0xa5)],
      ...[name('integer'), 1, 4, 5, 1, x(3)],
      ...[name('integer'), 1, 2, 2, 8, x(4)],
      ...[name('get_tail'), 5, 1, x(5)],
    ),
  );
  equal(getX(3), -3n);
  equal(getX(4), 0x2301n);
  equal(getX(5), bits('11100'));
  startMatch(bits(text));
  ok(
    commands(
      ...[name('ensure_exactly'), 34],
      ...[name('skip'), 8],
      ...[name('binary'), 1, nil, 7, 3, x(3)],
      ...[name('=:='), nil, 5, n(28)],
    ),
  );
  equal(getX(3), bits(text.slice(8, 29)));
  for (const failing of [
    [name('ensure_exactly'), 33],
    [name('ensure_at_least'), 35, 1],
    [name('ensure_at_least'), 8, 8],
    [name('=:='), nil, 8, n(0xa4)],
    [name('=:='), nil, 8, n(-91)],
    [name('skip'), 35],
    [name('skip'), 0xffffffff],
    [name('integer'), 1, nil, 35, 1, x(3)],
    [name('unknown')],
  ]) {
    startMatch(bits(text));
    assert.equal(commands(...failing), false);
  }
  const large = (1n << 63n) + 5n;
  startMatch(bits(twos(large, 64)));
  ok(commands(name('=:='), nil, 64, word(large)));
  assert.equal(make(0n), 15n);
});
