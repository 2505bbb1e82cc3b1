/**
 * The simulated PC's side of tables/host.ts. Virtual time passes by what the VM does
 * (tables/machine), and interrupts come into being only in nextInterrupt, wait and now: that makes
 * a run the same every time.
 */

import { PM1_CNT } from '../tables/acpi.ts';
import { grantKinds, grantResults } from '../tables/grants.ts';
import { powerReset } from '../tables/host.ts';
import { standardStreams } from '../tables/host_files.ts';
import { resetControl } from '../tables/ich9.ts';
import { pm1aControlPort, s5SleepType, virtualCosts } from '../tables/machine.ts';
import { debugExitPort, linear, vectors } from '../tables/memory_map.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import type { VirtualClock } from './clock.ts';
import type { Devices } from './devices.ts';
import type { GrantTable } from './grants.ts';
import type { HostFiles } from './host_files.ts';
import type { Interrupts } from './interrupts.ts';
import type { MemoryWidth } from './memory_bus.ts';
import type { PortWidth } from './port_bus.ts';
import type { RandomStream } from './random_stream.ts';
import type { SerialReader } from './serial_input.ts';
import type { SerialOutput } from './serial_output.ts';
import type { StandardStreams } from './standard_streams.ts';

/** How a run ended. */
export type RunEnding =
  /** The guest switched off: power(status), or its own write to a power port. */
  | { readonly kind: 'power'; readonly status: number }
  /** A device reset the machine, once more than the run allows. */
  | { readonly kind: 'reset'; readonly reason: string }
  /** The guest waits, and nothing can ever happen again. */
  | { readonly kind: 'idle' }
  /** A limit of the run was reached. */
  | { readonly kind: 'limit'; readonly limit: string };

/** Thrown through the VM to end its run; only runPc catches it. */
export class RunEnd {
  readonly ending: RunEnding;

  constructor(ending: RunEnding) {
    this.ending = ending;
  }
}

/**
 * A machine that has nothing to do, and whose serial line is quiet for so long, is taken to wait
 * for input: some process always has a timer running.
 */
const patienceNs = 1e9;

/** The outside is looked at so often while the guest computes; it sleeps no longer at once. */
const lookNs = 1e6;
const sleepMsMax = 1000;

export interface RunLimits {
  readonly virtualNsMax?: number;
  readonly reductionsMax?: number;
}

export interface HostParts {
  readonly memory: WebAssembly.Memory;
  readonly clock: VirtualClock;
  readonly interrupts: Interrupts;
  readonly devices: Devices;
  readonly grants: GrantTable;
  /** Virtual time when this boot began. */
  readonly bootNs: number;
  /** Nanoseconds since 1970 at that time. */
  readonly wallClockNs: bigint;
  readonly entropy: RandomStream;
  /** Null: always the first of the legal choices, as on metal. */
  readonly choices: RandomStream | null;
  readonly reader: SerialReader | null;
  readonly output: SerialOutput;
  readonly files: HostFiles;
  /** Of a guest that stands in for a program of the host; then time is the outside's. */
  readonly streams: StandardStreams | null;
  readonly limits: RunLimits;
  /** Of the boots before this one. */
  readonly digest: number;
}

/** The digest of a run that has done nothing. */
export const emptyDigest = 0x811c9dc5;

const pageBytes = 4096;
const msNs = 1_000_000;
const doorbellRung = 0x7fff_ffff;
const allOnes64 = -1n;
const memoryWidths: readonly number[] = [1, 2, 4, 8];

export class Host {
  /** Reductions that the VM has reported. */
  reductions = 0;
  /**
   * Calls of host functions with arguments and results, folded together: equal runs have equal
   * digests.
   */
  digest: number;
  private readonly parts: HostParts;
  private readerEnded: boolean;
  private lookedAtNs = 0;

  constructor(parts: HostParts) {
    this.parts = parts;
    this.digest = parts.digest;
    this.readerEnded = parts.reader === null;
  }

  /** The import object of the VM, one function for each row of tables/host. */
  imports(): Record<string, (...args: never[]) => unknown> {
    return {
      debugWrite: this.observed(1, (at: number, length: number) =>
        this.debugWrite(at >>> 0, length >>> 0),
      ),
      portIn8: this.observed(2, (port: number) => this.portIn(port >>> 0, 1)),
      portIn16: this.observed(3, (port: number) => this.portIn(port >>> 0, 2)),
      portIn32: this.observed(4, (port: number) => this.portIn(port >>> 0, 4)),
      portOut8: this.observed(5, (port: number, value: number) =>
        this.portOut(port >>> 0, 1, value & 0xff),
      ),
      portOut16: this.observed(6, (port: number, value: number) =>
        this.portOut(port >>> 0, 2, value & 0xffff),
      ),
      portOut32: this.observed(7, (port: number, value: number) =>
        this.portOut(port >>> 0, 4, value >>> 0),
      ),
      mmioRead: this.observed(8, (physical: bigint, size: number) =>
        this.mmioRead(BigInt.asUintN(64, physical), size),
      ),
      mmioWrite: this.observed(9, (physical: bigint, size: number, value: bigint) =>
        this.mmioWrite(BigInt.asUintN(64, physical), size, value),
      ),
      grant: this.observed(10, (kind: number, first: bigint, count: bigint) =>
        this.grant(kind, first, count),
      ),
      revoke: this.observed(11, (kind: number, first: bigint, count: bigint) =>
        this.revoke(kind, first, count),
      ),
      interruptUnmask: this.observed(12, (vector: number) => this.interruptUnmask(vector >>> 0)),
      nextInterrupt: this.observed(13, (at: number, reductions: bigint) =>
        this.nextInterrupt(at >>> 0, reductions),
      ),
      wait: this.observed(14, (deadlineNs: bigint) => this.wait(deadlineNs)),
      now: this.observed(15, () => this.now()),
      wallClock: this.observed(16, () => this.parts.wallClockNs),
      entropy: this.observed(17, () => BigInt.asIntN(64, this.parts.entropy.next64())),
      discard: this.observed(18, (at: number, length: number) =>
        this.discard(at >>> 0, length >>> 0),
      ),
      choose: this.observed(19, (_site: number, count: number) => this.choose(count >>> 0)),
      power: this.observed(20, (status: number) => this.power(status)),
      fileCall: this.observed(21, (at: number) => this.fileCall(at >>> 0)),
      // The simulated PC executes no machine code.
      taskCall: this.observed(22, () => BigInt(-posixErrors.enosys)),
    };
  }

  /** Adds the call to the digest and checks the limits. */
  private observed<A extends (number | bigint)[]>(
    number: number,
    body: (...args: A) => unknown,
  ): (...args: never[]) => unknown {
    return (...args: never[]) => {
      const result = body(...(args as unknown as A));
      let digest = Math.imul(this.digest ^ number, 0x01000193);
      for (const value of args as unknown as A) digest = fold(digest, value);
      if (result !== undefined) digest = fold(digest, result as number | bigint);
      this.digest = fold(digest, this.parts.clock.nowNs);
      this.checkLimits();
      return result;
    };
  }

  private checkLimits(): void {
    const { limits, clock } = this.parts;
    if (limits.virtualNsMax !== undefined && clock.nowNs > limits.virtualNsMax) {
      throw new RunEnd({ kind: 'limit', limit: `${limits.virtualNsMax} virtual nanoseconds` });
    }
    if (limits.reductionsMax !== undefined && this.reductions > limits.reductionsMax) {
      throw new RunEnd({ kind: 'limit', limit: `${limits.reductionsMax} reductions` });
    }
  }

  // ---- Console and ports ----

  /** Bytes that are not in memory are not written; the VM's panic path must not panic. */
  private debugWrite(at: number, length: number): void {
    const bytes = new Uint8Array(this.parts.memory.buffer);
    const end = Math.min(at + length, bytes.length);
    if (at >= end) return;
    for (let i = at; i < end; i++) this.parts.output.write(bytes[i] as number);
    this.parts.clock.advance((end - at) * this.parts.devices.uart.characterNs);
  }

  private portIn(port: number, width: PortWidth): number {
    const { grants, clock, devices } = this.parts;
    clock.advance(virtualCosts.portNs);
    if (!grants.holdsPorts(port, width)) return (2 ** (8 * width) - 1) | 0;
    return devices.ports.read(port, width) | 0;
  }

  private portOut(port: number, width: PortWidth, value: number): void {
    const { grants, clock, devices } = this.parts;
    clock.advance(virtualCosts.portNs);
    if (grants.holdsPorts(port, width)) devices.ports.write(port, width, value);
  }

  private mmioRead(physical: bigint, size: number): bigint {
    const { grants, clock, devices } = this.parts;
    clock.advance(virtualCosts.mmioNs);
    if (!memoryWidths.includes(size)) return allOnes64;
    if (!grants.holds(grantKinds.deviceMemory, physical, BigInt(size))) return allOnes64;
    return BigInt.asIntN(64, devices.memory.read(physical, size as MemoryWidth));
  }

  private mmioWrite(physical: bigint, size: number, value: bigint): void {
    const { grants, clock, devices } = this.parts;
    clock.advance(virtualCosts.mmioNs);
    if (!memoryWidths.includes(size)) return;
    if (!grants.holds(grantKinds.deviceMemory, physical, BigInt(size))) return;
    devices.memory.write(physical, size as MemoryWidth, BigInt.asUintN(8 * size, value));
  }

  // ---- Grants and interrupts ----

  private grant(kind: number, first: bigint, count: bigint): number {
    const { grants, interrupts } = this.parts;
    const result = grants.grant(kind, BigInt.asUintN(64, first), BigInt.asUintN(64, count));
    if (result === grantResults.granted && kind === grantKinds.interruptLine) {
      for (let i = 0n; i < count; i++) interrupts.unmask(Number(first + i));
    }
    return result;
  }

  private revoke(kind: number, first: bigint, count: bigint): void {
    const { grants, interrupts } = this.parts;
    if (!grants.revoke(kind, BigInt.asUintN(64, first), BigInt.asUintN(64, count))) return;
    if (kind !== grantKinds.interruptLine) return;
    for (let i = 0n; i < count; i++) interrupts.mask(Number(first + i));
  }

  private interruptUnmask(vector: number): void {
    const gsi = vector - vectors.vectorOfGsi0;
    if (this.parts.grants.holds(grantKinds.interruptLine, BigInt(gsi), 1n)) {
      this.parts.interrupts.unmask(gsi);
    }
  }

  private nextInterrupt(at: number, reductions: bigint): number {
    const { clock, interrupts, memory, devices, output } = this.parts;
    // A prompt without a newline shall be seen while the VM goes on computing.
    if (devices.uart.isSilent) output.flush();
    const total = Number(reductions);
    if (total > this.reductions) {
      clock.advance((total - this.reductions) * virtualCosts.reductionNs);
      this.reductions = total;
    }
    this.lookAtStreams();
    const entry = interrupts.take();
    if (entry === null) return 0;
    const view = new DataView(memory.buffer);
    view.setUint32(at, entry.vector, true);
    view.setUint32(at + 4, entry.data, true);
    view.setBigUint64(at + 8, BigInt(entry.timestampNs), true);
    return 1;
  }

  /** What a stub does besides: the running slice ends early. */
  ringDoorbell(): void {
    new DataView(this.parts.memory.buffer).setUint32(linear.doorbell, doorbellRung, true);
  }

  // ---- Time ----

  private now(): bigint {
    this.parts.clock.advance(virtualCosts.nowNs);
    return BigInt(this.parts.clock.nowNs - this.parts.bootNs);
  }

  /**
   * Jump to the next thing that happens. Timer ticks while nothing runs are not worth a wake-up
   * each.
   */
  private wait(deadlineNs: bigint): void {
    const { bootNs, clock, interrupts } = this.parts;
    const forever = deadlineNs < 0n;
    const deadline = forever ? Number.POSITIVE_INFINITY : Number(deadlineNs) + bootNs;
    while (!interrupts.hasEntries && clock.nowNs < deadline) {
      const target = Math.min(deadline, clock.nextEventNs ?? Number.POSITIVE_INFINITY);
      if (this.parts.streams !== null) {
        this.waitOutside(this.parts.streams, target - clock.nowNs);
        continue;
      }
      if (this.listen(target)) continue;
      if (target === Number.POSITIVE_INFINITY) throw new RunEnd({ kind: 'idle' });
      clock.advanceTo(target);
      this.checkLimits();
    }
  }

  /** Let time pass outside, until something happens that the guest waits for. */
  private waitOutside(streams: StandardStreams, limitNs: number): void {
    const { clock, interrupts, output } = this.parts;
    output.flush();
    if (!streams.ready) streams.wait(Math.min(limitNs / msNs, sleepMsMax));
    interrupts.setLine(standardStreams.gsi, streams.ready);
    clock.advance(0);
  }

  /** While the guest computes, it is looked now and then. */
  private lookAtStreams(): void {
    const { clock, interrupts, streams } = this.parts;
    if (streams === null || clock.nowNs - this.lookedAtNs < lookNs) return;
    this.lookedAtNs = clock.nowNs;
    streams.poll();
    interrupts.setLine(standardStreams.gsi, streams.ready);
  }

  /**
   * Ask the outside for input before time jumps to `target`; true when something came or the input
   * ended.
   */
  private listen(target: number): boolean {
    const { clock, devices, reader } = this.parts;
    if (this.readerEnded || reader === null) return false;
    const forever = target === Number.POSITIVE_INFINITY;
    const quietNs = target - devices.uart.lastByteNs;
    if (!forever && !reader.realTime && quietNs < patienceNs) return false;
    const limitMs = forever ? null : (target - clock.nowNs) / msNs;
    this.parts.output.flush();
    const started = performance.now();
    const bytes = reader.read(limitMs);
    if (bytes === null) {
      this.readerEnded = true;
      return true;
    }
    if (bytes.length === 0) return false;
    // Outside time counts while a person types, but never beyond what was to happen next.
    const passedNs = reader.realTime ? Math.floor((performance.now() - started) * msNs) : 0;
    clock.advanceTo(Math.min(clock.nowNs + passedNs, target));
    devices.sender.send(bytes);
    devices.uart.lastByteNs = clock.nowNs;
    return true;
  }

  // ---- The rest ----

  private fileCall(at: number): bigint {
    const { clock, files, interrupts, memory, output, streams } = this.parts;
    clock.advance(virtualCosts.fileCallNs);
    output.flush();
    const result = files.call(new Uint8Array(memory.buffer), at);
    if (streams !== null) interrupts.setLine(standardStreams.gsi, streams.ready);
    return BigInt(result);
  }

  private discard(at: number, length: number): void {
    const bytes = new Uint8Array(this.parts.memory.buffer);
    const first = Math.ceil(at / pageBytes) * pageBytes;
    const end = Math.min(Math.floor((at + length) / pageBytes) * pageBytes, bytes.length);
    if (first < end) bytes.fill(0, first, end);
  }

  private choose(count: number): number {
    return this.parts.choices === null || count < 2 ? 0 : this.parts.choices.below(count);
  }

  /** Through the same ports that the guest of a real PC uses. */
  private power(status: number): void {
    const { ports } = this.parts.devices;
    if (status === powerReset) {
      ports.write(resetControl.port, 1, resetControl.SYS_RST);
      ports.write(resetControl.port, 1, resetControl.SYS_RST | resetControl.RST_CPU);
    }
    if (status === 0) {
      const sleep = (s5SleepType << PM1_CNT.SLP_TYP) | (1 << PM1_CNT.SLP_EN);
      ports.write(pm1aControlPort, 2, sleep);
    }
    ports.write(debugExitPort, 1, status & 0xff);
  }
}

function fold(digest: number, value: number | bigint): number {
  const low = typeof value === 'bigint' ? Number(BigInt.asIntN(32, value)) : value | 0;
  return Math.imul(digest ^ low, 0x01000193) >>> 0;
}
