/** What the chipset does with time: ACPI timer and events, watchdogs, I/O APIC. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redirection } from '../tables/apic.ts';
import { esb, i6300esb } from '../tables/i6300esb.ts';
import { chipset, ich9Firmware } from '../tables/ich9.ts';
import { vectors } from '../tables/memory_map.ts';
import { VirtualClock } from './clock.ts';
import { newDevices } from './devices.ts';
import { Interrupts } from './interrupts.ts';
import { IoApic } from './io_apic.ts';
import { RandomStream } from './random_stream.ts';

const pm = ich9Firmware.pmBase;
const tickNs = 1e9 / 3_579_545;

function newMachine() {
  const clock = new VirtualClock();
  const interrupts = new Interrupts(
    () => clock.nowNs,
    () => {},
  );
  /** What ended the machine, and when. */
  const ends: string[] = [];
  const note = (what: string) => void ends.push(`${what}@${clock.nowNs / 1e6}`);
  const devices = newDevices({
    clock,
    interrupts,
    serialScript: [],
    onSerial: () => {},
    wallClockNs: 1_767_225_600_000_000_000n,
    onEnd: (status) => note(`off ${status}`),
    onReset: note,
  });
  const vector = () => interrupts.take()?.vector;
  return { clock, interrupts, ends, vector, ...devices };
}

test('the PM timer counts 3.579545 MHz in 24 bits', () => {
  const { clock, ports } = newMachine();
  for (const seconds of [0, 0.001, 1, 4.7, 100, 86_400]) {
    clock.advanceTo(seconds * 1e9);
    const expected = Math.floor(seconds * 3_579_545) % 2 ** 24;
    assert.equal(ports.read(pm + 8, 4), expected, `after ${seconds} s`);
  }
});

test('TMR_STS is set when the highest bit of the timer changes, and interrupts when enabled', () => {
  const { clock, interrupts, ports, vector } = newMachine();
  const half = Math.ceil(2 ** 23 * tickNs);
  interrupts.unmask(9);
  clock.advanceTo(half - 1);
  assert.equal(ports.read(pm, 2), 0);
  clock.advanceTo(half);
  assert.equal(ports.read(pm, 2), 1);
  assert.equal(interrupts.hasEntries, false);
  ports.write(pm + 2, 2, 1);
  assert.equal(vector(), vectors.vectorOfGsi0 + 9, 'enabled when it is set already');
  ports.write(pm, 2, 1);
  assert.equal(ports.read(pm, 2), 0);
  interrupts.unmask(9);
  assert.equal(interrupts.hasEntries, false);
  clock.advanceTo(2 * half);
  assert.equal(vector(), vectors.vectorOfGsi0 + 9, 'at the next change');
});

test('power button and alarm are ACPI events, and S5 switches off', () => {
  const { clock, ends, interrupts, bridge, ports, vector } = newMachine();
  interrupts.unmask(9);
  ports.write(pm + 2, 2, 1 << 8);
  bridge.pm.pressPowerButton();
  assert.equal(ports.read(pm, 2), 1 << 8);
  assert.equal(vector(), vectors.vectorOfGsi0 + 9);
  for (const [index, value] of [
    [1, 0x05],
    [3, 0xff],
    [5, 0xff],
    [0x0b, 0x22],
  ] as const) {
    ports.write(0x70, 1, index);
    ports.write(0x71, 1, value);
  }
  clock.advance(6e9);
  assert.equal(ports.read(pm, 2) & 0x400, 0x400);
  assert.equal(ports.read(pm + 4, 2), 1, 'ACPI mode is on');
  for (const value of [0x1c01, 0x2401, 0x3c01]) ports.write(pm + 4, 2, value);
  assert.deepEqual(ends, []);
  assert.equal(ports.read(pm + 4, 2), 0x1c01, 'SLP_EN reads as zero');
  ports.write(pm + 4, 2, 0x2001);
  assert.deepEqual(ends, ['off 0@6000']);
});

const gcs = BigInt(ich9Firmware.rcba + chipset.GCS);
const tco = pm + 0x60;

test('the watchdog of the LPC bridge resets at the second time-out, and says so afterwards', () => {
  const { clock, ends, memory, ports, reset } = newMachine();
  memory.write(gcs, 4, 0n);
  ports.write(tco + 0x12, 2, 10);
  ports.write(tco, 2, 1);
  clock.advance(5e9);
  assert.equal(ports.read(tco, 2), 1, '5 s of 6 have passed: 8.3 ticks');
  ports.write(tco, 2, 1);
  clock.advanceTo(10.9e9);
  assert.equal(ports.read(tco + 4, 2), 0);
  clock.advanceTo(11.1e9);
  assert.equal(ports.read(tco + 4, 2), 8, 'TIMEOUT after 6 s');
  assert.deepEqual(ends, []);
  clock.advanceTo(30e9);
  assert.deepEqual(ends, ['watchdog of the LPC bridge@17000']);
  reset();
  assert.equal(ports.read(tco + 6, 2), 6, 'SECOND_TO_STS and BOOT_STS outlive the reset');
  assert.equal(ports.read(tco + 4, 2), 0);
  ports.write(tco + 6, 2, 2);
  assert.equal(ports.read(tco + 6, 2), 4, 'ones clear');
  assert.equal(clock.nextEventNs, null);
});

test('NO_REBOOT keeps the machine running, a reload starts over, TCO_TMR_HLT halts', () => {
  const { clock, ends, ports } = newMachine();
  ports.write(tco + 0x12, 2, 5);
  ports.write(tco, 2, 1);
  clock.advance(7e9);
  assert.deepEqual([ends, ports.read(tco + 6, 2)], [[], 6]);
  ports.write(tco + 6, 2, 6);
  ports.write(tco + 4, 2, 8);
  for (let i = 0; i < 10; i++) {
    ports.write(tco, 2, 1);
    clock.advance(2.5e9);
  }
  assert.equal(ports.read(tco + 4, 2), 0, 'fed in time');
  ports.write(tco + 8, 2, 1 << 11);
  clock.advance(100e9);
  assert.equal(ports.read(tco + 4, 2), 0, 'halted');
  assert.equal(ports.read(tco, 2), 0, 'it stands where it was halted: 0.5 s were left');
});

const bar = BigInt(i6300esb.bar0);

test('i6300esb: interrupt after the first stage, reset after the second, WDT_TIMEOUT tells', () => {
  const { clock, ends, interrupts, memory, ports, reset, vector } = newMachine();
  const unlocked = (offset: number, width: 2 | 4, value: bigint) => {
    memory.write(bar + 0xcn, 1, 0x80n);
    memory.write(bar + 0xcn, 1, 0x86n);
    memory.write(bar + BigInt(offset), width, value);
  };
  const config = (offset: number, width: 1 | 2, value: number) => {
    ports.write(0xcf8, 4, (0x8000_0000 | (1 << 11) | offset) >>> 0);
    ports.write(0xcfc, width, value);
  };
  interrupts.unmask(10);
  // 1,007 counts of 2^15 / 33 MHz are a second.
  unlocked(esb.PRELOAD1, 4, 1007n * 10n);
  unlocked(esb.PRELOAD2, 4, 1007n * 5n);
  memory.write(bar, 4, 1n);
  config(0x68, 1, 2);
  clock.advance(9e9);
  memory.write(bar + 0xcn, 2, 0x100n);
  clock.advance(0.9e9);
  assert.equal(interrupts.hasEntries, false);
  clock.advance(0.2e9);
  assert.equal(vector(), vectors.vectorOfGsi0 + 10, 'a reload without the sequence does nothing');
  assert.equal(memory.read(bar + 8n, 4), 1n);
  unlocked(esb.RELOAD, 2, 0x100n);
  clock.advance(14e9);
  assert.deepEqual(ends, [], 'back in the first stage');
  clock.advance(2e9);
  assert.equal(ends.length, 1);
  assert.match(`${ends[0]}`, /^watchdog i6300esb@2509\d\./);
  reset();
  assert.equal(memory.read(bar + 0xcn, 2), 0x200n);
  unlocked(esb.RELOAD, 2, 0x200n);
  assert.equal(memory.read(bar + 0xcn, 2), 0n);
});

test('i6300esb: locked it stays on; without output it runs free or stops', () => {
  const { clock, ends, ports } = newMachine();
  const config = (offset: number, width: 1 | 2, value: number) => {
    ports.write(0xcf8, 4, (0x8000_0000 | (1 << 11) | offset) >>> 0);
    ports.write(0xcfc, width, value);
  };
  config(0x60, 2, 0x24);
  config(0x68, 1, 7);
  config(0x68, 1, 0);
  assert.equal(ports.read(0xcfc, 1), 7);
  clock.advance(10e9);
  assert.deepEqual(ends, []);
  assert.notEqual(clock.nextEventNs, null);
  // 2^20 counts of 2^5 / 33 MHz are a second.
  assert.ok((clock.nextEventNs as number) < 12e9);
});

test('random accesses of all widths at random times: nothing throws, nothing hangs', () => {
  const random = new RandomStream(BigInt(process.env.VBEAM_QTEST_SEED ?? 1), 'accesses');
  const { clock, ends, interrupts, memory, ports, reset } = newMachine();
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)] as T;
  const portBlocks = [0x70, 0x3f8, 0x501, 0x600, 0x620, 0x660, 0xcf8, 0xcfc] as const;
  const memoryBlocks = [
    [0xfed0_0000n, 0x200],
    [0xfec0_0000n, 0x44],
    [bar, 16],
    [gcs - 16n, 32],
    [0xb000_0000n, 0x100],
    [0xb000_8000n, 0x100],
    [0xb00f_8000n, 0x100],
  ] as const;
  const value = () => pick([random.next64(), BigInt(random.below(256)), 0n, (1n << 64n) - 1n]);
  for (let i = 0; i < 60_000; i++) {
    if (random.below(2) === 0) {
      const port = pick(portBlocks) + random.below(32);
      const width = pick([1, 2, 4] as const);
      const bits = Number(BigInt.asUintN(8 * width, value()));
      if (random.below(2) === 0) ports.write(port, width, bits);
      else assert.ok(ports.read(port, width) <= 2 ** (8 * width) - 1);
    } else {
      const [first, bytes] = pick(memoryBlocks);
      const at = first + BigInt(random.below(bytes));
      const width = pick([1, 2, 4, 8] as const);
      // The I/O APIC is the nucleus's: only it writes there.
      const writes = random.below(2) === 0 && first !== 0xfec0_0000n;
      if (writes) memory.write(at, width, BigInt.asUintN(8 * width, value()));
      else assert.ok(memory.read(at, width) < 1n << BigInt(8 * width));
    }
    if (random.below(8) === 0) clock.advance(random.below(1 << random.below(28)));
    if (random.below(16) === 0) interrupts.unmask(random.below(24));
    while (interrupts.take() !== null);
    if (random.below(5000) === 0) reset();
  }
  assert.ok(ends.length > 0, 'now and then the machine is switched off or reset');
});

test('I/O APIC: a level is delivered again after the end of interrupt, an edge is not', () => {
  const seen: number[] = [];
  const apic = new IoApic((_line, vector) => seen.push(vector));
  const entry = (line: number, value: number) => {
    apic.write(0, 4, BigInt(0x10 + 2 * line));
    apic.write(0x10, 4, BigInt(value));
  };
  entry(20, 0x44 | redirection.level);
  entry(3, 0x33);
  apic.setLine(20, true);
  apic.setLine(3, true);
  apic.setLine(20, true);
  assert.deepEqual(seen, [0x44, 0x33]);
  apic.write(0x40, 4, 0x44n);
  apic.write(0x40, 4, 0x33n);
  assert.deepEqual(seen, [0x44, 0x33, 0x44]);
  apic.setLine(20, false);
  apic.endOfInterrupt(0x44);
  entry(20, 0x44 | redirection.level | redirection.masked);
  apic.setLine(20, true);
  assert.equal(seen.length, 3, 'masked');
  entry(20, 0x45 | redirection.level);
  assert.equal(seen.at(-1), 0x45, 'a level waits for the mask to go');
  entry(3, 0x33 | redirection.masked);
  apic.setLine(3, false);
  apic.setLine(3, true);
  entry(3, 0x33);
  assert.equal(seen.length, 4, 'an edge does not');
});

test('blocks are where configuration space says', () => {
  const { memory, ports } = newMachine();
  const config = (device: number, offset: number, value: number) => {
    ports.write(0xcf8, 4, (0x8000_0000 | (device << 11) | offset) >>> 0);
    ports.write(0xcfc, 4, value);
  };
  assert.equal(ports.read(pm + 0x72, 2), 4);
  config(31, 0x40, 0x0801);
  assert.equal(ports.read(pm + 0x72, 2), 0xffff);
  assert.equal(ports.read(0x872, 2), 4);
  config(31, 0x44, 0);
  assert.equal(ports.read(0x872, 2), 0xffff);
  assert.equal(memory.read(gcs, 4), 0x20n);
  config(31, 0xf0, 0xfed2_0001);
  assert.equal(memory.read(gcs, 4), 0xffff_ffffn);
  assert.equal(memory.read(0xfed2_3410n, 4), 0x20n);
  assert.equal(memory.read(0xb000_8000n, 4), 0x25ab_8086n, 'configuration registers as memory');
  memory.write(0xb000_8010n, 4, 0xf000_0000n);
  assert.equal(memory.read(bar + 4n, 4), 0xffff_ffffn, 'the watchdog has moved');
  memory.write(0xb000_0060n, 4, 0n);
  assert.equal(memory.read(0xb000_8000n, 4), 0xffff_ffffn);
});
