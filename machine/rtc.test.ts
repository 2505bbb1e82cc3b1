/** The real-time clock and time: MC146818A data sheet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rtc as at } from '../tables/rtc.ts';
import { VirtualClock } from './clock.ts';
import { Rtc } from './rtc.ts';

const secondNs = 1e9;

function newRtc(iso = '2026-01-01T00:00:00Z') {
  const clock = new VirtualClock();
  const state = { alarms: 0, high: false, rises: [] as number[] };
  const rtc = new Rtc({
    clock,
    wallClockNs: BigInt(Date.parse(iso)) * 1_000_000n,
    onInterrupt: (high) => {
      if (high && !state.high) state.rises.push(clock.nowNs);
      state.high = high;
    },
    onAlarm: () => state.alarms++,
  });
  const read = (register: number): number => {
    rtc.write(0, 1, register);
    return rtc.read(1, 1) as number;
  };
  const write = (register: number, value: number) => {
    rtc.write(0, 1, register);
    rtc.write(1, 1, value);
  };
  const time = () =>
    [at.century, at.year, at.month, at.dayOfMonth, at.dayOfWeek, at.hours, at.minutes, at.seconds]
      .map((register) => read(register).toString(16).padStart(2, '0'))
      .join(' ');
  return { clock, rtc, state, read, write, time };
}

test('time passes: over midnight, the end of a year, and 29 February', () => {
  const cases = [
    ['2026-12-31T23:59:59Z', '20 27 01 01 06 00 00 00'],
    ['2028-02-28T23:59:59Z', '20 28 02 29 03 00 00 00'],
    ['2027-02-28T23:59:59Z', '20 27 03 01 02 00 00 00'],
    ['1999-12-31T23:59:59Z', '20 00 01 01 07 00 00 00'],
  ] as const;
  for (const [from, expected] of cases) {
    const { clock, time } = newRtc(from);
    clock.advance(secondNs);
    assert.equal(time(), expected, from);
  }
});

test('formats: binary, and 12 hours with noon and midnight as 12', () => {
  const { read, write } = newRtc('2026-01-01T23:45:00Z');
  write(at.B, 0x06);
  assert.deepEqual([read(at.hours), read(at.minutes)], [23, 45]);
  write(at.B, 0x04);
  assert.equal(read(at.hours), 0x80 | 11);
  const midnight = newRtc('2026-01-01T00:00:00Z');
  midnight.write(at.B, 0x00);
  assert.equal(midnight.read(at.hours), 0x12);
  const noon = newRtc('2026-01-01T12:00:00Z');
  noon.write(at.B, 0x00);
  assert.equal(noon.read(at.hours), 0x92);
});

test('SET holds the clock, and what was written counts when it goes on', () => {
  const { clock, read, write, time } = newRtc();
  write(at.B, 0x82);
  clock.advance(5 * secondNs);
  assert.equal(read(at.seconds), 0);
  for (const [register, value] of [
    [at.seconds, 0x58],
    [at.minutes, 0x59],
    [at.hours, 0x23],
    [at.dayOfMonth, 0x31],
    [at.month, 0x12],
    [at.year, 0x30],
  ] as const) {
    write(register, value);
  }
  write(at.B, 0x02);
  clock.advance(2 * secondNs);
  assert.equal(time(), '20 31 01 01 04 00 00 00');
});

test('held in reset the divider stops the clock; the first update comes half a second later', () => {
  const { clock, read, write } = newRtc();
  write(at.A, 0x70);
  clock.advance(10.2 * secondNs);
  assert.equal(read(at.seconds), 0);
  write(at.A, 0x26);
  clock.advance(0.49 * secondNs);
  assert.equal(read(at.seconds), 0);
  clock.advance(0.02 * secondNs);
  assert.equal(read(at.seconds), 1);
});

test('UIP is set for the last 244 microseconds of each second', () => {
  const { clock, read } = newRtc();
  const uip = (ns: number) => {
    clock.advanceTo(ns);
    return read(at.A) >> 7;
  };
  assert.deepEqual([0.5e9, 999_755_000, 999_756_000, 999_999_999, 1e9].map(uip), [0, 0, 1, 1, 0]);
});

test('the periodic interrupt has the rate of register A and waits for register C to be read', () => {
  const { clock, state, read, write } = newRtc();
  write(at.B, 0x42);
  clock.advance(0.5 * secondNs);
  assert.deepEqual(state.rises, [976_563], '1,024 Hz');
  assert.equal(read(at.C), 0xd0 & ~0x10);
  assert.equal(state.high, false);
  clock.advance(977_000);
  assert.equal(state.rises.length, 2);
  for (const [rate, hertz] of [
    [1, 256],
    [3, 8192],
    [8, 256],
    [15, 2],
  ] as const) {
    const fresh = newRtc();
    fresh.write(at.A, 0x20 | rate);
    fresh.write(at.B, 0x42);
    for (let i = 0; i < 4; i++) {
      fresh.clock.advanceTo(fresh.clock.nextEventNs as number);
      assert.equal(fresh.read(at.C), i > 0 && fresh.clock.nowNs % secondNs === 0 ? 0xd0 : 0xc0);
    }
    assert.equal(fresh.clock.nowNs, Math.ceil((4 * secondNs) / hertz), `rate ${rate}`);
  }
});

test('the update interrupt comes each second, and flags are set without being enabled', () => {
  const { clock, state, read, write } = newRtc();
  clock.advance(1.5 * secondNs);
  assert.equal(state.rises.length, 0);
  assert.equal(read(at.C), 0x50, 'periodic and update flag, no interrupt');
  assert.equal(read(at.C), 0);
  write(at.B, 0x12);
  clock.advance(3 * secondNs);
  assert.deepEqual(state.rises, [2e9], 'once, until register C is read');
  assert.equal(read(at.C) & 0x90, 0x90);
});

test('an enabled interrupt whose flag is set already comes at once', () => {
  const { clock, state, write } = newRtc();
  clock.advance(1.5 * secondNs);
  write(at.B, 0x12);
  assert.deepEqual(state.rises, [1.5e9]);
});

test('alarms: a time of day, every hour, every minute, every second, never', () => {
  const cases = [
    [[0x10, 0x30, 0x02], 2 * 3600 + 30 * 60 + 10],
    [[0x10, 0x30, 0xff], 30 * 60 + 10],
    [[0x10, 0xc0, 0xff], 10],
    [[0xff, 0xff, 0xff], 1],
    [[0x00, 0x00, 0x00], 86_400],
    [[0x61, 0x00, 0x00], null],
  ] as const;
  for (const [[seconds, minutes, hours], expected] of cases) {
    const { clock, state, read, write } = newRtc();
    write(at.secondsAlarm, seconds);
    write(at.minutesAlarm, minutes);
    write(at.hoursAlarm, hours);
    write(at.B, 0x22);
    assert.equal(clock.nextEventNs, expected === null ? null : expected * secondNs);
    clock.advance(2 * 86_400 * secondNs);
    assert.equal(state.rises.length, expected === null ? 0 : 1);
    assert.equal(state.alarms, state.rises.length);
    assert.equal(read(at.C) & 0x20, expected === null ? 0 : 0x20);
  }
});

test('a reset clears enables and flags, and keeps time, alarm and memory', () => {
  const { clock, rtc, state, read, write } = newRtc();
  write(0x50, 0xa5);
  write(at.hoursAlarm, 0x07);
  write(at.B, 0x72);
  clock.advance(1.2 * secondNs);
  rtc.reset();
  assert.equal(state.high, false);
  assert.deepEqual([read(at.B), read(at.C), read(at.seconds)], [0x02, 0, 1]);
  assert.deepEqual([read(0x50), read(at.hoursAlarm)], [0xa5, 0x07]);
  clock.advance(10 * secondNs);
  assert.equal(read(at.seconds), 0x11);
  assert.equal(clock.nextEventNs, null, 'a clock nobody waits for wakes nobody');
});
