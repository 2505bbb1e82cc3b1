/**
 * The simulated PC: runs the VM's Wasm module on device models in this process. What a run prints
 * and how it ends is a pure function of module, archive, scripted input and seed (architecture D3);
 * a `reader` brings the outside in.
 *
 * A device that resets the machine lets it boot again, as often as the run allows: linear memory is
 * new, devices are reset, the real-time clock and its memory go on, and so do the registers that
 * say why and the memory that is kept for a log.
 */

import { messageAddress } from '../tables/apic.ts';
import { vmExports } from '../tables/host.ts';
import { restartsMax, wallClockNs } from '../tables/machine.ts';
import { keptMemory, linear, wasmPageBytes } from '../tables/memory_map.ts';
import { pciExpress } from '../tables/pci.ts';
import { RealClock, VirtualClock } from './clock.ts';
import { type Devices, newDevices } from './devices.ts';
import { GrantTable } from './grants.ts';
import { type GuestCommand, HostFiles, type Mount } from './host_files.ts';
import { emptyDigest, Host, RunEnd, type RunEnding, type RunLimits } from './host_functions.ts';
import { Interrupts } from './interrupts.ts';
import { KeptMemory } from './kept_memory.ts';
import { arenaPhysical, memoryRanges } from './memory_layout.ts';
import type { PciCard } from './pci_cards.ts';
import { RandomStream } from './random_stream.ts';
import type { ScriptedBytes, SerialReader } from './serial_input.ts';
import { SerialOutput } from './serial_output.ts';

export type { RunEnding, RunLimits } from './host_functions.ts';
export type { ScriptedBytes, SerialReader } from './serial_input.ts';

export interface PcOptions {
  /**
   * Imports its memory as env.memory (`asc --importMemory`) and the functions of tables/host as
   * host.*.
   */
  readonly wasm: WebAssembly.Module;
  /** The boot archive; it goes to the top of linear memory, page aligned. */
  readonly archive: Uint8Array;
  /** Size of linear memory, whole Wasm pages, below 4 GiB. */
  readonly memoryBytes: number;
  readonly seed: bigint;
  /** What arrives on COM1 at which virtual time. */
  readonly serialInput?: readonly ScriptedBytes[];
  /** What arrives on COM1 from outside. */
  readonly serialReader?: SerialReader;
  /**
   * Bytes that COM1 sends, and the VM's emergency console; some at a time, all of them before
   * anybody waits.
   */
  readonly onSerial: (bytes: Uint8Array) => void;
  readonly limits?: RunLimits;
  /** Folders of the host that the guest sees. */
  readonly mounts?: readonly Mount[];
  /** The guest stands in for a program of the host: its time is that of the outside. */
  readonly command?: GuestCommand;
  /** `seeded`: the VM's `choose` draws from the seed; `first`: always the first, as on metal. */
  readonly choices?: 'first' | 'seeded';
  /** Nanoseconds since 1970 when power comes on. */
  readonly wallClockNs?: bigint;
  /** Cards on the PCI bus besides what every PC has. */
  readonly pciCards?: readonly PciCard[];
  /** What memory that resets leave alone holds when power comes on. */
  readonly keptMemory?: Uint8Array;
  /** How often a reset boots again before it ends the run; a guest of the host never does. */
  readonly restartsMax?: number;
  /** The machine was reset and boots again. */
  readonly onReset?: (reason: string) => void;
  /** The machine has a debug console; whoever reads it may do something to the machine. */
  readonly onDebug?: (byte: number, controls: MachineControls) => void;
}

/** What whoever watches the machine can do to it, at the moment at which the guest is. */
export interface MachineControls {
  readonly nowNs: number;
  readonly interrupts: Interrupts;
  /** Send bytes to the serial line. */
  type(bytes: Uint8Array): void;
  /** Call back after so much virtual time. */
  after(ns: number, run: () => void): void;
  /** The run is over, as if a limit had been reached. */
  end(why: string): never;
}

export interface PcResult {
  /** What the guest gave to power(), null when it ended otherwise. */
  readonly status: number | null;
  readonly ending: RunEnding | { readonly kind: 'panic' };
  /** Why the machine was reset, for each boot after the first. */
  readonly resets: readonly string[];
  readonly reductions: number;
  readonly virtualNs: number;
  /** What memory that resets leave alone holds in the end. */
  readonly keptMemory: Uint8Array;
  /** Folded over every host call: equal runs have equal digests. */
  readonly digest: number;
  /** Why the VM itself failed, with the Wasm functions that were running. */
  readonly panic?: string;
}

const archivePageBytes = 4096;
const linearBytesMax = 2 ** 32;
/** The allocator, static data and process table need some room besides the archive. */
const roomBytesMin = 4 << 20;

/**
 * The DMA arena at the top of linear memory, as the host tells it.
 */
function placeArena(memory: WebAssembly.Memory): number {
  const bytes = arenaBytes(memory.buffer.byteLength);
  const at = memory.buffer.byteLength - bytes;
  const words = new DataView(memory.buffer);
  words.setUint32(linear.dmaArena, at, true);
  words.setUint32(linear.dmaArena + 4, bytes, true);
  words.setBigUint64(
    linear.dmaArena + 8,
    BigInt(arenaPhysical(memory.buffer.byteLength, bytes)),
    true,
  );
  return at;
}

/** The part of the DMA arena at a physical address. */
function arenaOf(
  memory: WebAssembly.Memory | null,
  physical: number,
  count: number,
): Uint8Array | null {
  if (memory === null) return null;
  const bytes = arenaBytes(memory.buffer.byteLength);
  const at = physical - arenaPhysical(memory.buffer.byteLength, bytes);
  if (at < 0 || count < 0 || at + count > bytes) return null;
  return new Uint8Array(memory.buffer, memory.buffer.byteLength - bytes + at, count);
}

/** What the firmware's tables would say. */
function describeMachine(memory: WebAssembly.Memory): void {
  const words = new DataView(memory.buffer);
  words.setBigUint64(linear.pciExpress, BigInt(pciExpress.base), true);
  words.setUint8(linear.pciExpress + 11, pciExpress.bytes / (1 << pciExpress.bus) - 1);
  words.setUint32(linear.processors, 1, true);
  words.setUint32(linear.messageAddress, messageAddress.base, true);
  words.setBigUint64(linear.keptMemory, keptMemory.physical, true);
  words.setUint32(linear.keptMemory + 8, keptMemory.bytes, true);
}

/** A 64th of memory in whole pages of Wasm, at most 64 MiB: as in the nucleus. */
const arenaBytes = (memoryBytes: number): number =>
  Math.min(Math.floor(memoryBytes / 64 / wasmPageBytes) * wasmPageBytes, 64 << 20);

/** Where the archive is: at the top of memory, below the arena when there is one. */
function loadArchive(memory: WebAssembly.Memory, archive: Uint8Array, arena: boolean): number {
  const end = arena ? placeArena(memory) : memory.buffer.byteLength;
  const bytes = new Uint8Array(memory.buffer);
  const at = Math.floor((end - archive.length) / archivePageBytes) * archivePageBytes;
  if (at < roomBytesMin) {
    throw new Error(
      `the boot archive (${archive.length} bytes) does not fit into ${bytes.length} bytes of memory`,
    );
  }
  bytes.set(archive, at);
  return at;
}

function newMemory(memoryBytes: number): WebAssembly.Memory {
  if (memoryBytes % wasmPageBytes !== 0 || memoryBytes <= 0 || memoryBytes >= linearBytesMax) {
    throw new Error(`memoryBytes must be whole pages of ${wasmPageBytes} bytes below 4 GiB`);
  }
  const initial = memoryBytes / wasmPageBytes;
  return new WebAssembly.Memory({ initial, maximum: initial });
}

/** What outlives a reset. */
interface Machine {
  readonly output: SerialOutput;
  readonly clock: VirtualClock;
  readonly interrupts: Interrupts;
  readonly devices: Devices;
  readonly kept: KeptMemory;
  readonly entropy: RandomStream;
  readonly choices: RandomStream | null;
  /** Of the present boot. */
  host: Host | null;
  memory: WebAssembly.Memory | null;
  bootNs: number;
}

function controlsOf({ clock, interrupts, devices }: Machine): MachineControls {
  return {
    get nowNs() {
      return clock.nowNs;
    },
    interrupts,
    type: (bytes) => devices.sender.send(bytes),
    after: (ns, run) => clock.schedule(ns, run),
    end: (why) => {
      throw new RunEnd({ kind: 'limit', limit: why });
    },
  };
}

function buildMachine(options: PcOptions): Machine {
  const clock = options.command ? new RealClock() : new VirtualClock();
  const output = new SerialOutput(options.onSerial);
  const interrupts = new Interrupts(
    () => clock.nowNs - machine.bootNs,
    () => machine.host?.ringDoorbell(),
  );
  const { onDebug } = options;
  const kept = new KeptMemory(options.keptMemory);
  const devices = newDevices({
    clock,
    ...(onDebug ? { onDebug: (byte: number) => onDebug(byte, controlsOf(machine)) } : {}),
    interrupts,
    serialScript: options.serialInput ?? [],
    kept,
    onSerial: (byte) => output.write(byte),
    wallClockNs: options.wallClockNs ?? wallClockNs,
    cards: options.pciCards ?? [],
    dma: (physical, bytes) => arenaOf(machine.memory, physical, bytes),
    onEnd: (status) => {
      throw new RunEnd({ kind: 'power', status });
    },
    onReset: (reason) => {
      throw new RunEnd({ kind: 'reset', reason });
    },
  });
  const machine: Machine = {
    output,
    kept,
    clock,
    interrupts,
    devices,
    entropy: new RandomStream(options.seed, 'entropy'),
    choices: options.choices === 'seeded' ? new RandomStream(options.seed, 'choices') : null,
    host: null,
    memory: null,
    bootNs: 0,
  };
  return machine;
}

/** What all boots so far have done. */
interface Totals {
  readonly reductions: number;
  readonly digest: number;
}

function newHost(
  options: PcOptions,
  machine: Machine,
  memory: WebAssembly.Memory,
  before: Totals,
): { readonly host: Host; readonly files: HostFiles } {
  const { clock, interrupts, devices, entropy, choices, output, bootNs } = machine;
  const { limits = {} } = options;
  const files = new HostFiles(options.mounts ?? [], options.command);
  const host = new Host({
    memory,
    clock,
    interrupts,
    devices,
    grants: new GrantTable(memoryRanges(options.memoryBytes)),
    bootNs,
    wallClockNs: (options.wallClockNs ?? wallClockNs) + BigInt(bootNs),
    entropy,
    choices,
    reader: options.serialReader ?? null,
    output,
    files,
    streams: options.command?.streams ?? null,
    limits: {
      ...limits,
      ...(limits.reductionsMax === undefined
        ? {}
        : { reductionsMax: limits.reductionsMax - before.reductions }),
    },
    digest: before.digest,
  });
  return { host, files };
}

interface Boot extends Totals {
  readonly ending: PcResult['ending'];
  readonly panic?: string;
}

/** From the start of the VM to the end of the run, or to the next reset. */
function runBoot(options: PcOptions, machine: Machine, before: Totals): Boot {
  const memory = newMemory(options.memoryBytes);
  const archiveLinear = loadArchive(memory, options.archive, options.command === undefined);
  if (options.command === undefined) describeMachine(memory);
  const { host, files } = newHost(options, machine, memory, before);
  machine.host = host;
  machine.memory = memory;
  const instance = new WebAssembly.Instance(options.wasm, {
    env: { memory },
    host: host.imports(),
  });
  const main = instance.exports[vmExports.main] as (...args: number[]) => void;
  const end = (ending: PcResult['ending'], panic?: string): Boot => ({
    ending,
    reductions: before.reductions + host.reductions,
    digest: host.digest,
    ...(panic === undefined ? {} : { panic }),
  });
  try {
    main(options.memoryBytes, archiveLinear, options.archive.length);
  } catch (error) {
    if (error instanceof RunEnd) return end(error.ending);
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
      return end({ kind: 'panic' }, panicText(error));
    }
    throw error;
  } finally {
    machine.output.flush();
    files.closeAll();
  }
  return end({ kind: 'panic' }, 'main returned without power()');
}

export function runPc(options: PcOptions): PcResult {
  const machine = buildMachine(options);
  const restarts = options.command ? 0 : (options.restartsMax ?? restartsMax);
  const resets: string[] = [];
  let totals: Totals = { reductions: 0, digest: emptyDigest };
  for (;;) {
    const { ending, panic, reductions, digest } = runBoot(options, machine, totals);
    if (ending.kind === 'reset' && resets.length < restarts) {
      resets.push(ending.reason);
      options.onReset?.(ending.reason);
      totals = { reductions, digest };
      machine.bootNs = machine.clock.nowNs;
      machine.devices.reset();
      continue;
    }
    return {
      status: ending.kind === 'power' ? ending.status : null,
      ending,
      resets,
      reductions,
      virtualNs: machine.clock.nowNs,
      keptMemory: machine.kept.content(),
      digest,
      ...(panic === undefined ? {} : { panic }),
    };
  }
}

/** For a message: how a run ended that was not switched off. */
export function endingText(ending: PcResult['ending']): string {
  if (ending.kind === 'reset') return `reset by ${ending.reason}`;
  return ending.kind === 'limit' ? `limit: ${ending.limit}` : ending.kind;
}

/** The reason, then one Wasm function a line, the innermost first. */
function panicText(error: Error): string {
  const frames = [...(error.stack ?? '').matchAll(/at (\S+) \(wasm:.*:(0x[0-9a-f]+)\)/g)];
  return [error.message, ...frames.map(([, name, at]) => `  at ${name} ${at}`)].join('\n');
}
