/**
 * The chipset's devices against QEMU's q35: the same random accesses go to both machines, and every
 * value read must be the same. VBEAM_QTEST_SEED and VBEAM_QTEST_ROUNDS choose other or longer
 * scripts. What depends on time is in the tests of each device: QEMU's time stands still here.
 *
 * Known differences, left out of the scripts. Ours is what the specifications say:
 * - QEMU's own subsystem IDs; its further PCI functions (31.2 SATA, 31.3 SMBus).
 * - Reserved bits of registers are kept by QEMU: those of PMBASE, ACPI_CNTL, PCIEXBAR, the I/O
 *   APIC's redirection entries; FSB_EN of HPET timers, which cannot do that; interrupt routes that
 *   they do not have.
 * - HPET: QEMU takes the upper half of a 64-bit write that sets a periodic comparator for the
 *   period alone, and keeps an upper half in 32-bit mode. It has a register set for a fourth timer.
 * - I/O APIC: QEMU forgets that an edge-triggered line is high when it becomes level-triggered;
 *   lines 0 and 2 are one.
 * - TCO: QEMU's status registers take what is written, where ones should clear; clearing
 *   TCO_TMR_HLT reloads the timer; only the first byte of a 16-bit register can be read as a byte,
 *   and two 8-bit registers cannot be read at once. NO_REBOOT is set as on a board with that strap.
 * - PM1: QEMU sets TMR_STS when power comes on; bytes of 16-bit registers read wrongly; ports of
 *   the block without a register read as ones.
 * - i6300esb: QEMU keeps bit 0 and 4 of the interrupt type, and has CONFIG and LOCK in accesses of
 *   their own width only.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ioApic, ioApicBytes, ioApicRegister, redirection } from '../tables/apic.ts';
import { hpet, hpetTimer, pcHpet, TN_CONF } from '../tables/hpet.ts';
import { esb, esbConfig, i6300esb } from '../tables/i6300esb.ts';
import { chipset, ich9Firmware, ich9Lpc, lpcConfig, pmOffset } from '../tables/ich9.ts';
import { ioApicLines } from '../tables/machine.ts';
import { hpetPhysical, ioApicPhysical } from '../tables/memory_map.ts';
import { pciExpress, pciHeader } from '../tables/pci.ts';
import { cmosBytes, cmosPorts, RTC_B, rtc } from '../tables/rtc.ts';
import { TCO1_CNT, tco } from '../tables/tco.ts';
import { VirtualClock } from './clock.ts';
import { newDevices } from './devices.ts';
import { Interrupts } from './interrupts.ts';
import { IoApic } from './io_apic.ts';
import { MemoryBus } from './memory_bus.ts';
import { PortBus } from './port_bus.ts';
import { RandomStream } from './random_stream.ts';
import { Pair, rounds, seed, skip, startQemu } from './testing/qtest.ts';

const wallClockNs = 1_767_225_600_000_000_000n;
const timeout = 300_000;

/** Both machines as the firmware leaves them. */
async function newPair(name: string): Promise<Pair> {
  const clock = new VirtualClock();
  const interrupts = new Interrupts(
    () => clock.nowNs,
    () => {},
  );
  const ended = (what: string | number) => assert.fail(`the machine ended: ${what}`);
  const silent = { serialScript: [], onSerial: () => {}, onEnd: ended, onReset: ended };
  const { ports, memory } = newDevices({ clock, interrupts, wallClockNs, ...silent });
  const qemu = startQemu(['-device', 'i6300esb']);
  const pair = new Pair(qemu, ports, memory, new RandomStream(seed, name));
  const { device } = ich9Lpc;
  await pair.writeConfig(0, pciExpress.PCIEXBAR, pciExpress.base | pciExpress.enable, 4);
  await pair.writeConfig(device, lpcConfig.PMBASE, ich9Firmware.pmBase | 1, 4);
  await pair.writeConfig(device, lpcConfig.ACPI_CNTL, 0x80, 1);
  await pair.writeConfig(device, lpcConfig.RCBA, ich9Firmware.rcba | 1, 4);
  await pair.writeConfig(i6300esb.device, pciHeader.bar0.offset, i6300esb.bar0, 4);
  await pair.writeConfig(i6300esb.device, pciHeader.command.offset, 2, 2);
  // SCI_EN was set by our firmware; a status bit is set when QEMU starts.
  await pair.out(ich9Firmware.pmBase + pmOffset.PM1_CNT, 1, 2);
  await pair.out(ich9Firmware.pmBase + pmOffset.PM1_STS, 0xffff, 2);
  return pair;
}

/** Runs the weighted actions of a script at random. */
async function play(
  pair: Pair,
  actions: readonly (readonly [weight: number, act: () => Promise<unknown>])[],
): Promise<void> {
  const pool = actions.flatMap(([weight, act]) => Array.from({ length: weight }, () => act));
  for (let round = 0; round < rounds; round++) await pair.pick(pool)();
  assert.ok(pair.compared > rounds / 10, `${pair.compared} values compared`);
}

test('PCI functions: headers, what can be written, empty slots', { skip, timeout }, async () => {
  const pair = await newPair('pci');
  const devices = [0, i6300esb.device, ich9Lpc.device];
  const compared = [0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x34, 0x3c];
  for (const device of devices) {
    for (const offset of compared) await pair.readConfig(device, offset, 4);
  }
  for (const device of [2, 7, 30]) {
    for (const width of [1, 2, 4] as const) await pair.readConfig(device, 0, width);
  }
  const read = async () => {
    const width = pair.pick([1, 2, 4] as const);
    const offset = pair.pick(compared) + pair.random.below(4 / width) * width;
    await pair.readConfig(pair.pick(devices), offset, width);
  };
  const express = async () => {
    const place = BigInt(pair.pick(devices)) << 15n;
    const offset = BigInt(pair.pick(compared));
    await pair.read(BigInt(pciExpress.base) + place + offset, pair.pick([1, 2, 4]));
  };
  const bridge = ich9Lpc.device;
  await play(pair, [
    [6, read],
    [3, express],
    // Memory decoding stays on where we go on reading.
    [2, () => pair.writeConfig(pair.pick(devices), 0x04, pair.bits(16) | 2, 2)],
    [2, () => pair.writeConfig(pair.pick(devices), 0x0c, pair.bits(32), 4)],
    [2, () => pair.writeConfig(pair.pick(devices), 0x3c, pair.bits(32), 4)],
    [1, () => pair.writeConfig(pair.pick(devices), 0x00, pair.bits(32), 4)],
    [
      1,
      () => pair.writeConfig(i6300esb.device, 0x10, pair.pick([-1, 0xfe00_0000, 0xfebf_0010]), 4),
    ],
    [1, () => pair.writeConfig(bridge, lpcConfig.PIRQA_ROUT, pair.bits(32), 4)],
    [
      1,
      () => pair.writeConfig(bridge, lpcConfig.PIRQE_ROUT + pair.random.below(4), pair.bits(8), 1),
    ],
    [1, () => pair.readConfig(bridge, lpcConfig.PIRQA_ROUT, 4)],
    [1, () => pair.readConfig(bridge, lpcConfig.PIRQE_ROUT, 4)],
    [1, () => pair.readConfig(bridge, lpcConfig.PMBASE, 4)],
    [1, () => pair.readConfig(bridge, lpcConfig.RCBA, 4)],
  ]);
});

test('HPET: registers and comparators', { skip, timeout }, async () => {
  const pair = await newPair('hpet');
  const at = (offset: number) => hpetPhysical + BigInt(offset);
  const state = { enabled: false, configurations: Array<bigint>(pcHpet.timers).fill(0n) };
  const timer = () => pair.random.below(pcHpet.timers);
  const registerOf = (number: number, register: number) =>
    at(hpet.timer0 + number * hpet.timerBytes + register);
  /** In front of a small counter, however it is read. */
  const low = () => BigInt((1 << 20) + pair.bits(29));
  const high = () => BigInt(pair.bits(29));
  const writeComparator = async (number: number) => {
    const configuration = state.configurations[number] as bigint;
    const narrow = (configuration & TN_CONF.MODE32_CNF) !== 0n;
    const sets = (configuration & (TN_CONF.TYPE_CNF | TN_CONF.VAL_SET_CNF)) !== 0n;
    const register = registerOf(number, hpetTimer.CVAL);
    const kind = narrow || sets ? 0 : pair.random.below(3);
    if (kind === 0) await pair.write(register, low(), 4);
    else if (kind === 1) await pair.write(register + 4n, high(), 4);
    else await pair.write(register, (high() << 32n) | low(), 8);
    state.configurations[number] = configuration & ~TN_CONF.VAL_SET_CNF;
  };
  const configureTimer = async (number: number) => {
    const route = BigInt(pair.pick([2, 8, 16, 17, 23])) << 9n;
    const value = (BigInt(pair.bits(9)) & 0x1ffn) | route;
    state.configurations[number] = value;
    await pair.write(registerOf(number, hpetTimer.CONF), value, pair.pick([4, 8]));
  };
  const configure = async () => {
    const value = pair.bits(6);
    state.enabled = (value & 1) !== 0;
    await pair.write(at(hpet.GEN_CONF), BigInt(value), pair.pick([4, 8]));
  };
  for (let n = 0; n < pcHpet.timers; n++) {
    await pair.write(registerOf(n, hpetTimer.CVAL), (high() << 32n) | low(), 8);
  }
  const general = [hpet.GCAP_ID, hpet.GEN_CONF, hpet.GINTR_STA, hpet.MAIN_CNT, 0x008, 0x030];
  await play(pair, [
    [3, () => writeComparator(timer())],
    [3, () => configureTimer(timer())],
    [2, configure],
    [1, () => pair.write(at(hpet.GINTR_STA), BigInt(pair.bits(8)), 4)],
    [1, () => pair.write(at(hpet.GCAP_ID), BigInt(pair.bits(32)), 4)],
    [1, async () => state.enabled || pair.write(at(hpet.MAIN_CNT), BigInt(pair.bits(10)), 8)],
    [4, () => pair.read(at(pair.pick(general)), pair.pick([4, 8]))],
    [2, () => pair.read(at(pair.pick(general) + 4), 4)],
    [4, () => pair.read(registerOf(timer(), hpetTimer.CONF), pair.pick([4, 8]))],
    [4, () => pair.read(registerOf(timer(), hpetTimer.CVAL), pair.pick([4, 8]))],
    [1, () => pair.read(registerOf(timer(), hpetTimer.CVAL + 4), 4)],
  ]);
});

test('I/O APIC: entries, lines, Remote IRR, end of interrupt', { skip, timeout }, async () => {
  // One that no nucleus looks after, as QEMU's.
  const apic = new IoApic(() => {});
  const memory = new MemoryBus();
  memory.add(ioApicPhysical, ioApicBytes, apic);
  const random = new RandomStream(seed, 'ioapic');
  const pair = new Pair(startQemu(), new PortBus(), memory, random);
  const setLine = async (line: number, high: boolean) => {
    pair.note(`line ${line} ${high}`);
    apic.setLine(line, high);
    await pair.qemu.setLine(line, high);
  };
  const lines = Array.from({ length: ioApicLines }, (_, line) => line).filter(
    (line) => line !== 0 && line !== 2,
  );
  const levels = new Set<number>();
  const select = (register: number) =>
    pair.write(ioApicPhysical + BigInt(ioApic.select), BigInt(register), 4);
  const window = ioApicPhysical + BigInt(ioApic.window);
  const writeEntry = async (line: number) => {
    const fields = [redirection.activeLow, redirection.level, redirection.masked, 1 << 11, 1 << 8];
    const entry = fields.reduce((sum, bit) => sum | (pair.random.below(2) ? bit : 0), 0);
    const level = (entry & redirection.level) !== 0;
    if (level !== levels.has(line)) await setLine(line, false);
    if (level) levels.add(line);
    else levels.delete(line);
    await select(ioApicRegister.redirection + 2 * line);
    await pair.write(window, BigInt(entry | (0x30 + pair.random.below(8))), 4);
  };
  for (const line of lines) await writeEntry(line);
  const readEntry = async (half: number) => {
    await select(ioApicRegister.redirection + 2 * pair.pick(lines) + half);
    await pair.read(window, 4);
  };
  await play(pair, [
    [3, () => writeEntry(pair.pick(lines))],
    [6, () => setLine(pair.pick(lines), pair.random.below(2) === 1)],
    [6, () => readEntry(0)],
    [1, () => readEntry(1)],
    [
      2,
      async () => {
        await select(ioApicRegister.redirection + 2 * pair.pick(lines) + 1);
        await pair.write(window, BigInt(pair.bits(8)) << 24n, 4);
      },
    ],
    [
      1,
      async () => {
        await select(pair.pick([0, 1, 2, 3, 0x0f, 0x40, 0x41, 0xff]));
        await pair.read(window, 4);
      },
    ],
    [
      1,
      async () => {
        await select(0);
        await pair.write(window, BigInt(pair.bits(32)), 4);
      },
    ],
    [1, () => pair.read(ioApicPhysical, pair.pick([1, 2, 4]))],
    [1, () => pair.read(window, pair.pick([1, 2]))],
    [3, () => pair.write(ioApicPhysical + 0x40n, BigInt(0x30 + pair.random.below(8)), 4)],
  ]);
});

/** A byte of the clock as the mode has it. */
const clockByte = (registerB: number, value: number): number =>
  registerB & RTC_B.DM ? value : (Math.floor(value / 10) << 4) | (value % 10);

function cmosOf(pair: Pair) {
  const select = (register: number) => pair.out(cmosPorts.index, register | (pair.bits(1) << 7));
  const write = async (register: number, value: number) => {
    await select(register);
    await pair.out(cmosPorts.data, value);
  };
  const read = async (register: number) => {
    await select(register);
    await pair.in(cmosPorts.data);
  };
  return { read, write };
}

/** Bytes of the memory that are just that. */
const plainBytes = Array.from({ length: cmosBytes }, (_, register) => register).filter(
  (register) => register > rtc.D && register !== rtc.century && register !== rtc.centuryPs2,
);

test('CMOS: the clock in all formats, alarms, memory', { skip, timeout }, async () => {
  const pair = await newPair('cmos');
  const { read, write } = cmosOf(pair);
  const state = { b: 0x02 };
  const hour = () => {
    if (state.b & RTC_B.H24) return clockByte(state.b, pair.random.below(24));
    return clockByte(state.b, 1 + pair.random.below(12)) | (pair.bits(1) << 7);
  };
  const number = (first: number, count: number) =>
    clockByte(state.b, first + pair.random.below(count));
  const values: readonly (readonly [number, () => number])[] = [
    [rtc.seconds, () => number(0, 60)],
    [rtc.minutes, () => number(0, 60)],
    [rtc.hours, hour],
    [rtc.dayOfWeek, () => number(1, 7)],
    [rtc.dayOfMonth, () => number(1, 31)],
    [rtc.month, () => number(1, 12)],
    [rtc.year, () => number(70, 30)],
    [rtc.century, () => number(19, 2)],
  ];
  const writeB = async (value: number) => {
    state.b = value;
    await write(rtc.B, value);
    // Brings QEMU's other bytes into the new format.
    if (!(value & RTC_B.SET)) await read(rtc.seconds);
  };
  const writeTime = async () => {
    const [register, value] = pair.pick(values);
    await write(register, value());
  };
  /** Stops the clock, sets it in some format, and lets it go. */
  const setClock = async () => {
    await writeB(RTC_B.SET | (pair.bits(2) << 1));
    for (const [register, value] of values) await write(register, value());
    if (pair.bits(1)) for (const [register] of values) await read(register);
    await writeB(state.b & ~RTC_B.SET);
  };
  /** The chain is held in reset, and the clock set meanwhile; in the same format. */
  const holdDivider = async () => {
    await write(rtc.A, pair.pick([0x60, 0x70, 0x66]));
    for (let i = pair.random.below(4); i > 0; i--) await writeTime();
    for (let i = pair.random.below(4); i > 0; i--) await read(pair.pick(values)[0]);
    await write(rtc.A, 0x26);
  };
  for (const register of plainBytes) await write(register, register);
  await play(pair, [
    [2, setClock],
    [4, writeTime],
    [8, () => read(pair.pick(values)[0])],
    [2, () => read(pair.pick([rtc.A, rtc.B, rtc.C, rtc.D]))],
    [1, () => read(rtc.centuryPs2)],
    [1, () => writeB(pair.bits(8) & ~RTC_B.SET)],
    [1, () => write(rtc.A, pair.pick([0x26, 0x20, 0x2f, 0xa6]))],
    [1, holdDivider],
    [1, () => write(pair.pick([rtc.C, rtc.D]), pair.bits(8))],
    [1, () => write(pair.pick([1, 3, 5]), pair.bits(8))],
    [1, () => read(pair.pick([1, 3, 5]))],
    [1, () => write(pair.pick(plainBytes), pair.bits(8))],
    [2, () => read(pair.pick(plainBytes))],
    [1, () => pair.in(cmosPorts.index)],
    [1, () => pair.in(cmosPorts.index, 2)],
  ]);
});

test('power management and watchdog ports, chipset configuration', { skip, timeout }, async () => {
  const pair = await newPair('pm');
  const pm = ich9Firmware.pmBase;
  const at = (offset: number) => pm + pmOffset.TCO + offset;
  const rcba = BigInt(ich9Firmware.rcba);
  const bytes = [
    tco.TCO_DAT_IN,
    tco.TCO_DAT_OUT,
    tco.TCO_MESSAGE1,
    tco.TCO_MESSAGE2,
    tco.TCO_WDCNT,
    tco.SW_IRQ_GEN,
  ];
  const words = [tco.TCO1_STS, tco.TCO2_STS, tco.TCO1_CNT, tco.TCO2_CNT, tco.TCO_TMR];
  /** The lock stays set, so it comes late in the script. */
  let lockable = rounds / 2;
  const control = async () => {
    const lock = lockable-- < 0 ? TCO1_CNT.TCO_LOCK : 0;
    const value = pair.bits(16) & ~TCO1_CNT.TCO_LOCK;
    await pair.out(at(tco.TCO1_CNT), value | lock, 2);
    await pair.out(at(tco.TCO_TMR), 2 + pair.random.below(0x3fe), 2);
    await pair.out(at(tco.TCO_RLD), 0, 2);
    if (!(value & TCO1_CNT.TCO_TMR_HLT)) await pair.in(at(tco.TCO_RLD), 2);
  };
  const chipsetWord = () => rcba + BigInt(pair.random.below(chipset.GCS / 4) * 4);
  await play(pair, [
    [2, () => pair.out(pm + pmOffset.PM1_STS, pair.bits(16), 2)],
    [2, () => pair.out(pm + pmOffset.PM1_EN, pair.bits(16), 2)],
    [2, () => pair.out(pm + pmOffset.PM1_CNT, pair.bits(16) & ~0x2000, 2)],
    [1, () => pair.out(pm + pmOffset.SMI_EN, pair.bits(32), 4)],
    [1, () => pair.out(pm + pmOffset.GPE0_EN + pair.random.below(8), pair.bits(8))],
    [1, () => pair.out(pm + pmOffset.GPE0_STS + pair.random.below(8), pair.bits(8))],
    [1, () => pair.out(pm + pmOffset.PM1_TMR, pair.bits(32), 4)],
    [6, () => pair.in(pm + pair.pick([pmOffset.PM1_STS, pmOffset.PM1_EN, pmOffset.PM1_CNT]), 2)],
    [1, () => pair.in(pm + pmOffset.PM1_STS, 4)],
    [2, () => pair.in(pm + pair.pick([pmOffset.PM1_TMR, pmOffset.SMI_EN, pmOffset.SMI_STS]), 4)],
    [1, () => pair.in(pm + pmOffset.GPE0_STS + pair.random.below(16))],
    [2, control],
    [2, () => pair.out(at(pair.pick(bytes)), pair.bits(8))],
    [1, () => pair.out(at(tco.TCO2_CNT), pair.bits(16), 2)],
    [4, () => pair.in(at(pair.pick(bytes)))],
    [4, () => pair.in(at(pair.pick(words)), 2)],
    [1, () => pair.in(at(0x14 + 2 * pair.random.below(6)), 2)],
    [1, () => pair.out(0xcf9, pair.bits(8) & ~4)],
    [1, () => pair.in(0xcf9)],
    [1, () => pair.write(chipsetWord(), BigInt(pair.bits(32)), 4)],
    [2, () => pair.read(chipsetWord(), pair.pick([1, 2, 4]))],
    [1, () => pair.write(rcba + BigInt(chipset.GCS), BigInt(pair.bits(32)), 4)],
    [1, () => pair.read(rcba + BigInt(chipset.GCS), pair.pick([1, 4]))],
  ]);
});

test('i6300esb: configuration, lock, registers', { skip, timeout }, async () => {
  const pair = await newPair('i6300esb');
  const { device } = i6300esb;
  const at = (offset: number) => BigInt(i6300esb.bar0 + offset);
  let lockable = rounds / 2;
  await play(pair, [
    [2, () => pair.writeConfig(device, esbConfig.CONFIG, pair.pick([0, 0x04, 0x20, 0x24]), 2)],
    [2, () => pair.writeConfig(device, esbConfig.LOCK, pair.bits(3) & (lockable-- < 0 ? 7 : 6), 1)],
    [3, () => pair.readConfig(device, esbConfig.CONFIG, 2)],
    [3, () => pair.readConfig(device, esbConfig.LOCK, 1)],
    [2, () => pair.write(at(esb.RELOAD), pair.pick([0x80n, 0x86n]), pair.pick([1, 2, 4]))],
    [1, () => pair.write(at(esb.RELOAD), BigInt(pair.bits(16)), 2)],
    [1, () => pair.write(at(pair.pick([0, 4, 8])), BigInt(pair.bits(32)), 4)],
    [4, () => pair.read(at(pair.pick([0, 4, 8, 12])), pair.pick([1, 2, 4]))],
  ]);
});
