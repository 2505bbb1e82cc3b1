/** HPET and time: what IA-PC HPET 1.0a, section 2.3, says about counter and comparators. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from './clock.ts';
import { Hpet } from './hpet.ts';

const enable = 1n;
const legacy = 2n;
const level = 2n;
const interrupt = 4n;
const periodic = 8n;
const setValue = 0x40n;
const narrow = 0x100n;
const route = (line: number) => BigInt(line) << 9n;

function newHpet() {
  const clock = new VirtualClock();
  /** `line@ns` when it rises, `-line@ns` when it falls. */
  const seen: string[] = [];
  const hpet = new Hpet({
    clock,
    setLine: (gsi, high) => seen.push(`${high ? '' : '-'}${gsi}@${clock.nowNs}`),
  });
  const write = (offset: number, value: bigint) => hpet.write(offset, 8, value);
  const timer = (n: number, configuration: bigint) => write(0x100 + 0x20 * n, configuration);
  const comparator = (n: number, value: bigint) => write(0x108 + 0x20 * n, value);
  const rises = () => seen.filter((text) => !text.startsWith('-'));
  return { clock, hpet, seen, rises, write, timer, comparator };
}

test('the counter counts ticks of 10 ns while it is enabled, and wraps', () => {
  const { clock, hpet, write } = newHpet();
  clock.advance(1000);
  assert.equal(hpet.read(0xf0, 8), 0n);
  write(0x10, enable);
  clock.advance(1239);
  assert.equal(hpet.read(0xf0, 8), 123n);
  write(0x10, 0n);
  clock.advance(1000);
  assert.equal(hpet.read(0xf0, 4), 123n, 'a halted counter keeps its value');
  write(0xf0, 0xffff_ffff_ffff_fffen);
  write(0x10, enable);
  clock.advance(30);
  assert.equal(hpet.read(0xf0, 8), 1n);
  assert.equal(hpet.read(0xf4, 4), 0n);
});

test('a one-shot timer fires once, when the counter gets to the comparator', () => {
  const { clock, seen, write, timer, comparator } = newHpet();
  timer(0, interrupt | route(16));
  comparator(0, 50n);
  clock.advance(10_000);
  write(0x10, enable);
  clock.advance(499);
  assert.deepEqual(seen, []);
  clock.advance(1_000_000);
  assert.deepEqual(seen, ['16@10500', '-16@10500']);
  comparator(0, 10n);
  clock.advance(1_000_000_000);
  assert.equal(seen.length, 2, 'a comparator behind the counter waits for the wrap');
  assert.equal(clock.nextEventNs, null);
});

test('a periodic timer fires each period, from the comparator that VAL_SET wrote', () => {
  const { clock, hpet, rises, write, timer, comparator } = newHpet();
  timer(1, interrupt | periodic | setValue | route(17));
  comparator(1, 30n);
  comparator(1, 100n);
  write(0x10, enable);
  clock.advance(3400);
  assert.deepEqual(rises(), ['17@300', '17@1300', '17@2300', '17@3300']);
  assert.equal(hpet.read(0x128, 8), 430n);
  timer(1, periodic | route(17));
  clock.advance(1_000_000);
  assert.equal(rises().length, 4, 'without INT_ENB nothing fires');
  assert.equal(hpet.read(0x128, 8), 100_430n, 'but the comparator goes on');
});

test('a period of a tick interrupts each microsecond, not each 10 ns', () => {
  const { clock, hpet, rises, write, timer, comparator } = newHpet();
  timer(0, interrupt | periodic | setValue | route(16));
  comparator(0, 1n);
  write(0x10, enable);
  clock.advance(10_005);
  assert.equal(rises().length, 10);
  assert.equal(hpet.read(0x108, 8), 1001n);
});

test('a level-triggered timer holds its line until its status bit is cleared', () => {
  const { clock, hpet, seen, write, timer, comparator } = newHpet();
  timer(2, interrupt | level | route(18));
  comparator(2, 10n);
  write(0x10, enable);
  clock.advance(500);
  assert.deepEqual(seen, ['18@100']);
  assert.equal(hpet.read(0x20, 8), 4n);
  write(0x20, 3n);
  assert.equal(hpet.read(0x20, 8), 4n, 'the bits of other timers change nothing');
  write(0x20, 4n);
  assert.equal(hpet.read(0x20, 8), 0n);
  assert.deepEqual(seen, ['18@100', '-18@500']);
});

test('in 32-bit mode a one-shot timer fires at the match and at the wrap', () => {
  const { clock, hpet, rises, write, timer, comparator } = newHpet();
  write(0xf0, 0xffff_fff0n);
  timer(0, interrupt | narrow | route(16));
  comparator(0, 0xabcd_0000_0020n);
  assert.equal(hpet.read(0x108, 8), 0x20n);
  write(0x10, enable);
  clock.advance(1000);
  assert.deepEqual(rises(), ['16@160', '16@480']);
});

test('legacy replacement: timers 0 and 1 take lines 2 and 8, and the clock gives up its own', () => {
  const { clock, hpet, seen, write, timer, comparator } = newHpet();
  hpet.setRtcLine(true);
  write(0x10, enable | legacy);
  assert.deepEqual(seen, ['8@0', '-8@0']);
  hpet.setRtcLine(false);
  hpet.setRtcLine(true);
  timer(0, interrupt | route(16));
  timer(1, interrupt | route(16));
  comparator(0, 5n);
  comparator(1, 6n);
  clock.advance(100);
  assert.deepEqual(seen.slice(2), ['2@50', '-2@50', '8@60', '-8@60']);
  write(0x10, enable);
  assert.equal(seen.at(-1), '8@100', 'the line of the clock is back');
});

test('timers with one level-triggered line hold it until both are served', () => {
  const { clock, seen, write, timer, comparator } = newHpet();
  for (const n of [0, 1]) {
    timer(n, interrupt | level | route(20));
    comparator(n, 10n);
  }
  write(0x10, enable);
  clock.advance(200);
  write(0x20, 1n);
  assert.ok(!seen.some((text) => text.startsWith('-')));
  write(0x20, 2n);
  assert.equal(seen.at(-1), '-20@200');
});

test('unknown routes are not taken over, and a reset leaves nothing', () => {
  const { clock, hpet, seen, write, timer, comparator } = newHpet();
  timer(0, interrupt | route(16));
  timer(0, interrupt | route(5));
  assert.equal(((hpet.read(0x100, 8) as bigint) >> 9n) & 31n, 16n);
  comparator(0, 10n);
  write(0x10, enable);
  hpet.reset();
  clock.advance(1000);
  assert.deepEqual(seen, []);
  assert.equal(hpet.read(0xf0, 8), 0n);
  assert.equal(hpet.read(0x108, 8), 0xffff_ffff_ffff_ffffn);
});
