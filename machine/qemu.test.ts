/**
 * Our device models against QEMU's, register by register: the same random accesses go to both (QEMU
 * takes them on standard input: `-qtest stdio`), and every value read must be the same.
 * VBEAM_QTEST_SEED and VBEAM_QTEST_ROUNDS choose other or longer scripts.
 *
 * Known differences, left out of the comparison: QEMU sends without taking time, so both get enough
 * time after every burst to fall silent; QEMU has no change bits in MSR for lines that loop mode
 * moves, so their interrupt stays off.
 */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { after, test } from 'node:test';
import { com1 } from '../tables/memory_map.ts';
import { pciHeader } from '../tables/pci.ts';
import { uart } from '../tables/uart.ts';
import { type ClockEvent, VirtualClock } from './clock.ts';
import { newHostBridge, PciBus, pciPorts } from './pci_bus.ts';
import { PortBus } from './port_bus.ts';
import { RandomStream } from './random_stream.ts';
import { Uart16550 } from './uart_16550.ts';

const program = 'qemu-system-x86_64';
const missing = spawnSync(program, ['--version']).error !== undefined;
const skip = missing && `${program} is not installed`;

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

class QemuPorts {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly answers: AsyncIterator<string>;

  constructor() {
    const machine = ['-machine', 'pc', '-accel', 'tcg', '-S', '-nodefaults', '-m', '16'];
    const devices = ['-display', 'none', '-serial', 'null', '-qtest', 'stdio'];
    const options = [...machine, ...devices];
    this.child = spawn(program, options, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  private async command(text: string): Promise<number> {
    this.child.stdin.write(`${text}\n`);
    for (;;) {
      const { value, done } = await this.answers.next();
      if (done) throw new Error(`QEMU ended at ${text}`);
      if (/^(OK|FAIL)/.test(value)) return Number(value.split(' ')[1] ?? 0);
    }
  }

  read(port: number, letter: 'b' | 'w' | 'l' = 'b'): Promise<number> {
    return this.command(`in${letter} 0x${port.toString(16)}`);
  }

  write(port: number, value: number, letter: 'b' | 'w' | 'l' = 'b'): Promise<number> {
    return this.command(`out${letter} 0x${port.toString(16)} 0x${value.toString(16)}`);
  }

  end(): void {
    this.child.kill();
  }
}

const running: QemuPorts[] = [];
after(() => {
  for (const qemu of running) qemu.end();
});

function start(): QemuPorts {
  const qemu = new QemuPorts();
  running.push(qemu);
  return qemu;
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
  const seed = BigInt(process.env.VBEAM_QTEST_SEED ?? 1);
  const rounds = Number(process.env.VBEAM_QTEST_ROUNDS ?? 1000);
  const random = new RandomStream(seed, 'qtest');
  const qemu = start();
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

test('PCI configuration finds the host bridge and the empty slots that QEMU has', {
  skip,
}, async () => {
  const qemu = start();
  const bus = new PortBus();
  const pci = new PciBus();
  pci.add(0, 0, newHostBridge());
  bus.add(pciPorts.first, pciPorts.count, pci);
  const widths = { 1: 'b', 2: 'w', 4: 'l' } as const;
  const compare = async (device: number, offset: number, bytes: 1 | 2 | 4) => {
    const address = (0x8000_0000 | (device << 11) | (offset & 0xfc)) >>> 0;
    bus.write(0xcf8, 4, address);
    await qemu.write(0xcf8, address, 'l');
    const port = 0xcfc + (offset & 3);
    const expected = await qemu.read(port, widths[bytes]);
    assert.equal(
      bus.read(port, bytes),
      expected,
      `device ${device} offset 0x${offset.toString(16)}`,
    );
  };
  for (const name of [
    'vendorId',
    'deviceId',
    'revisionId',
    'headerType',
    'interruptPin',
  ] as const) {
    const { offset, bytes } = pciHeader[name];
    await compare(0, offset, bytes);
  }
  await compare(0, 0x08, 4);
  for (const device of [2, 7, 31])
    for (const bytes of [1, 2, 4] as const) await compare(device, 0, bytes);
});
