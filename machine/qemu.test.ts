/**
 * Our UART against QEMU's, register by register: the same random accesses go to both
 * (machine/testing/qtest.ts), and every value read must be the same. The other devices are in
 * machine/qemu_chipset.test.ts.
 * VBEAM_QTEST_SEED and VBEAM_QTEST_ROUNDS choose other or longer scripts.
 *
 * Known differences, left out of the comparison: QEMU sends without taking time, so both get enough
 * time after every burst to fall silent; QEMU has no change bits in MSR for lines that loop mode
 * moves, so their interrupt stays off.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { com1 } from '../tables/memory_map.ts';
import { uart } from '../tables/uart.ts';
import { type ClockEvent, VirtualClock } from './clock.ts';
import { RandomStream } from './random_stream.ts';
import { rounds, seed, skip, startQemu } from './testing/qtest.ts';
import { Uart16550 } from './uart_16550.ts';

/** Long enough for a full FIFO at the slowest speed. */
const settleNs = 200e9;

/**
 * QEMU's time stands still here (Debian's has no qtest accelerator), so its receiver never times
 * out.
 */
class ClockWithoutTimeouts extends VirtualClock {
  /** Set once the UART is there. */
  uart: Uart16550 | null = null;

  override schedule(delayNs: number, run: () => void): ClockEvent {
    const timeout = this.uart !== null && delayNs === 4 * this.uart.characterNs;
    return super.schedule(delayNs, timeout ? () => {} : run);
  }
}

const { data, interruptEnable, interruptIdentification, lineControl, modemControl } = uart;
const { lineStatus, modemStatus, scratch } = uart;

/** What a driver may do, how often, and with which values. */
const writes: readonly (readonly [weight: number, offset: number, values: readonly number[]])[] = [
  [8, data, []],
  [4, interruptEnable, [0, 1, 2, 3, 4, 5, 6, 7, 0xf7]],
  [3, interruptIdentification, [0x00, 0x01, 0x07, 0x41, 0x81, 0xc1, 0xc7, 0x87, 0x03, 0x05, 0x06]],
  [2, lineControl, [0x00, 0x03, 0x1b, 0x07, 0x83, 0x03]],
  [3, modemControl, [0x10, 0x1f, 0x1b, 0x0b, 0x13, 0x00, 0x18]],
  [1, scratch, []],
];
const reads: readonly number[] = [
  ...[data, data, data, interruptEnable, interruptIdentification, lineControl, modemControl],
  ...[lineStatus, lineStatus, modemStatus, scratch],
];

test('the UART answers a random driver as QEMU does', { skip, timeout: 300_000 }, async () => {
  const random = new RandomStream(seed, 'qtest');
  const qemu = startQemu();
  const clock = new ClockWithoutTimeouts();
  const silent = { onSend: () => {}, onInterrupt: () => {}, onRoom: () => {} };
  const ours = new Uart16550({ clock, ...silent });
  clock.uart = ours;
  const script: string[] = [];
  // Reset values differ (QEMU starts as a BIOS leaves the port), so both are brought to the same
  // state.
  for (const offset of [
    lineControl,
    interruptEnable,
    interruptIdentification,
    modemControl,
    scratch,
  ]) {
    ours.write(offset, 0);
    await qemu.write(com1.port + offset, 0);
  }
  const pool = writes.flatMap(([weight, offset, values]) =>
    Array.from({ length: weight }, () => ({ offset, values })),
  );
  for (let round = 0; round < rounds; round++) {
    const { offset, values } = pool[random.below(pool.length)] as (typeof pool)[number];
    const burst = offset === data ? 1 + random.below(random.below(4) === 0 ? 20 : 3) : 1;
    for (let i = 0; i < burst; i++) {
      const value = values[random.below(Math.max(1, values.length))] ?? random.below(256);
      script.push(`${round}: write ${offset} 0x${value.toString(16)}`);
      ours.write(offset, value);
      await qemu.write(com1.port + offset, value);
    }
    clock.advance(settleNs);
    for (let i = random.below(4); i > 0; i--) {
      const place = reads[random.below(reads.length)] as number;
      const mask = place === modemStatus ? 0xf0 : 0xff;
      script.push(`${round}: read ${place}`);
      const expected = (await qemu.read(com1.port + place)) & mask;
      const actual = ours.read(place) & mask;
      const context = `seed ${seed}: ours 0x${actual.toString(16)}, QEMU 0x${expected.toString(16)}`;
      assert.equal(actual, expected, `${context}\n${script.slice(-25).join('\n')}`);
    }
  }
});
