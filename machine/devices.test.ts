/** The smaller parts of the PC: interrupt lines and ring, grants, PCI, power ports. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grantKinds, grantResults, physicalLimit } from '../tables/grants.ts';
import { grantRowsMax, interruptRingEntries } from '../tables/machine.ts';
import {
  debugExitPort,
  hpetPhysical,
  lapicPhysical,
  timerPeriodNs,
  vectors,
  virtual,
} from '../tables/memory_map.ts';
import { GrantTable } from './grants.ts';
import { Interrupts, ringFullVector } from './interrupts.ts';
import { arenaPhysical, memoryRanges } from './memory_layout.ts';
import { HostBridge, PciBus, pciPorts } from './pci_bus.ts';
import { PortBus } from './port_bus.ts';
import { DebugExit, ResetControl } from './power_ports.ts';
import { RandomStream } from './random_stream.ts';

function newInterrupts() {
  const state = { now: 0, rung: 0 };
  const interrupts = new Interrupts(
    () => state.now,
    () => {
      state.rung++;
    },
  );
  return { state, interrupts };
}

test('an ISA line delivers on its rising edge while unmasked', () => {
  const { state, interrupts } = newInterrupts();
  interrupts.setLine(4, true);
  interrupts.unmask(4);
  assert.equal(interrupts.take(), null, 'an edge that came while masked is lost');
  interrupts.setLine(4, false);
  state.now = 500;
  interrupts.setLine(4, true);
  interrupts.setLine(4, true);
  assert.equal(state.rung, 1);
  assert.deepEqual(interrupts.take(), {
    vector: vectors.vectorOfGsi0 + 4,
    data: 0,
    timestampNs: 500,
  });
  assert.equal(interrupts.take(), null);
});

test('a PCI line delivers while it is high and is masked until it is acknowledged', () => {
  const { interrupts } = newInterrupts();
  interrupts.setLine(16, true);
  interrupts.unmask(16);
  assert.equal(interrupts.take()?.vector, vectors.vectorOfGsi0 + 16);
  interrupts.setLine(16, false);
  interrupts.setLine(16, true);
  assert.equal(interrupts.take(), null);
  interrupts.unmask(16);
  assert.equal(interrupts.take()?.vector, vectors.vectorOfGsi0 + 16);
});

test('timer ticks come as one entry with their number', () => {
  const { state, interrupts } = newInterrupts();
  state.now = 3.5 * timerPeriodNs;
  assert.equal(interrupts.hasEntries, false);
  const entry = interrupts.take();
  assert.deepEqual(entry, { vector: vectors.lapicTimer, data: 3, timestampNs: 3 * timerPeriodNs });
  assert.equal(interrupts.take(), null);
});

test('a full ring counts what it drops and says so', () => {
  const { interrupts } = newInterrupts();
  interrupts.unmask(5);
  for (let i = 0; i < interruptRingEntries + 7; i++) {
    interrupts.setLine(5, true);
    interrupts.setLine(5, false);
  }
  for (let i = 0; i < interruptRingEntries; i++) {
    assert.equal(interrupts.take()?.vector, vectors.vectorOfGsi0 + 5);
  }
  assert.deepEqual(interrupts.take(), { vector: ringFullVector, data: 7, timestampNs: 0 });
  assert.equal(interrupts.take(), null);
});

const { ports, deviceMemory, interruptLine, messages } = grantKinds;
const { granted, reserved, full, bad } = grantResults;

test('grants: ranges, overlaps and what belongs to the host', () => {
  const table = new GrantTable(memoryRanges(1 << 28));
  const cases: readonly (readonly [kind: number, first: bigint, count: bigint, result: number])[] =
    [
      [ports, 0x3f8n, 8n, granted],
      [ports, 0x3f8n, 8n, bad],
      [ports, 0x3ffn, 2n, bad],
      [ports, 0x400n, 1n, granted],
      [ports, 0xffffn, 1n, granted],
      [ports, 0xffffn, 2n, bad],
      [ports, 0x2f8n, 0n, bad],
      [ports, -1n, 1n, bad],
      [ports, BigInt(debugExitPort), 1n, reserved],
      [ports, 0x600n, 8n, reserved],
      [ports, 0x20n, 1n, reserved],
      [deviceMemory, 0x1000n, 0x1000n, reserved],
      [deviceMemory, lapicPhysical, 16n, reserved],
      [deviceMemory, 0xfebc_0000n, 0x2_0000n, granted],
      [deviceMemory, 0xfebd_ffffn, 1n, bad],
      [deviceMemory, physicalLimit - 1n, 2n, bad],
      [interruptLine, 4n, 1n, granted],
      [interruptLine, 24n, 1n, bad],
      [messages, 200n, 8n, granted],
      [messages, 207n, 1n, bad],
      [messages, BigInt(vectors.message0) - 1n, 1n, reserved],
      [messages, BigInt(vectors.lapicSpurious) - 1n, 2n, bad],
      [4, 0n, 1n, bad],
    ];
  for (const [kind, first, count, result] of cases) {
    assert.equal(table.grant(kind, first, count), result, `grant(${kind}, ${first}, ${count})`);
  }
  assert.ok(table.holdsPorts(0x3f8, 8) && table.holdsPorts(0x3fd, 4), 'two grants side by side');
  assert.ok(!table.holdsPorts(0x3f7, 2) && !table.holdsPorts(0xffff, 2));
  assert.ok(table.holds(deviceMemory, 0xfebc_0000n, 8n));
  assert.ok(!table.revoke(ports, 0x3f8n, 7n), 'only the same arguments revoke');
  assert.ok(table.revoke(ports, 0x3f8n, 8n));
  assert.ok(!table.holdsPorts(0x3f8, 1) && table.holdsPorts(0x400, 1));
});

test('a machine with gigabytes has devices below 4 GiB and memory above', () => {
  const { deviceMemory } = grantKinds;
  const { granted, reserved } = grantResults;
  const gib = 1 << 30;
  for (const [memory, low, high] of [
    [gib, gib, 0],
    [0xb000_0000, 0xb000_0000, 0],
    [0xb001_0000, 2 * gib, 0xb001_0000 - 2 * gib],
    [0xffff_0000, 2 * gib, 0xffff_0000 - 2 * gib],
  ] as const) {
    const table = new GrantTable(memoryRanges(memory));
    const grant = (first: number | bigint) => table.grant(deviceMemory, BigInt(first), 4096n);
    assert.equal(grant(low - 4096), reserved);
    assert.equal(grant(low), granted);
    assert.equal(grant(hpetPhysical), granted);
    if (high > 0) assert.equal(grant(2n ** 32n + BigInt(high) - 4096n), reserved);
    assert.equal(grant(2n ** 32n + BigInt(high)), granted);
    // The arena is memory below the devices.
    const arena = arenaPhysical(memory, 64 << 20);
    for (const address of [arena, arena + (64 << 20) - 4096])
      assert.equal(grant(address), reserved);
  }
  // What a claim maps stays clear of linear memory.
  assert.ok(virtual.directMap + physicalLimit <= virtual.linearMemory);
});

test('a full grant table says so', () => {
  const table = new GrantTable([]);
  for (let i = 0; i < grantRowsMax; i++) {
    assert.equal(table.grant(ports, BigInt(0x8000 + i), 1n), granted);
  }
  assert.equal(table.grant(ports, 0x9000n, 1n), full);
});

test('PCI: the host bridge answers, empty slots read as ones, and only command bits are writable', () => {
  const bus = new PortBus();
  const pci = new PciBus();
  pci.add(0, 0, new HostBridge(pci, null));
  bus.add(pciPorts.first, pciPorts.count, pci);
  const select = (device: number, register: number) =>
    bus.write(0xcf8, 4, (0x8000_0000 | (device << 11) | register) >>> 0);
  select(0, 0);
  assert.equal(bus.read(0xcfc, 4), 0x29c0_8086);
  assert.equal(bus.read(0xcfe, 2), 0x29c0);
  assert.equal(bus.read(0xcfd, 1), 0x80);
  select(0, 8);
  assert.equal(bus.read(0xcfc, 4), 0x0600_0000);
  select(0, 4);
  bus.write(0xcfc, 2, 0xffff);
  assert.equal(bus.read(0xcfc, 4), 0x0000_0507);
  select(1, 0);
  assert.equal(bus.read(0xcfc, 4), 0xffff_ffff);
  bus.write(0xcf8, 4, 0x7fff_ffff);
  assert.equal(bus.read(0xcf8, 4), 0x00ff_fffc);
  assert.equal(bus.read(0xcfc, 4), 0xffff_ffff, 'not enabled');
  bus.write(0xcf8, 1, 0xff);
  assert.equal(bus.read(0xcf8, 4), 0x00ff_fffc, 'only 32-bit writes reach the address register');
});

test('the reset control register and the exit device end the run', () => {
  const bus = new PortBus();
  const ends: string[] = [];
  bus.add(0xcf9, 1, new ResetControl(() => ends.push('reset')));
  bus.add(debugExitPort, 2, new DebugExit((status) => ends.push(`exit ${status}`)));
  bus.write(0xcf9, 1, 0xfb);
  assert.equal(bus.read(0xcf9, 1), 0x0a, 'reserved bits read as zero');
  assert.deepEqual(ends, []);
  bus.write(0xcf9, 1, 0x0e);
  bus.write(debugExitPort, 1, 0x31);
  assert.deepEqual(ends, ['reset', 'exit 49']);
});

test('ports without a device read as ones', () => {
  const bus = new PortBus();
  assert.deepEqual(
    [bus.read(0x80, 1), bus.read(0x80, 2), bus.read(0x80, 4)],
    [0xff, 0xffff, 0xffff_ffff],
  );
});

test('streams of one seed are independent of each other and the same every time', () => {
  const draw = (seed: bigint, name: string) => {
    const stream = new RandomStream(seed, name);
    return Array.from({ length: 200 }, () => stream.below(6));
  };
  assert.deepEqual(draw(1n, 'a'), draw(1n, 'a'));
  assert.notDeepEqual(draw(1n, 'a'), draw(1n, 'b'));
  assert.notDeepEqual(draw(1n, 'a'), draw(2n, 'a'));
  assert.deepEqual([...new Set(draw(3n, 'c'))].sort(), [0, 1, 2, 3, 4, 5]);
});
