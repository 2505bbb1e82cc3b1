/**
 * The simulated PC: runs the VM's Wasm module on device models in this process. What a run prints
 * and how it ends is a pure function of module, archive, scripted input and seed (architecture D3);
 * a `reader` brings the outside in.
 */
import { vmExports } from '../tables/host.ts';
import { wallClockNs } from '../tables/machine.ts';
import { wasmPageBytes } from '../tables/memory_map.ts';
import { RealClock, VirtualClock } from './clock.ts';
import { newDevices } from './devices.ts';
import { GrantTable } from './grants.ts';
import { type GuestCommand, HostFiles, type Mount } from './host_files.ts';
import { Host, RunEnd, type RunEnding, type RunLimits } from './host_functions.ts';
import { Interrupts } from './interrupts.ts';
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
  /** Nanoseconds since 1970 at boot. */
  readonly wallClockNs?: bigint;
}

export interface PcResult {
  /** What the guest gave to power(), null when it ended otherwise. */
  readonly status: number | null;
  readonly ending: RunEnding | { readonly kind: 'panic' };
  readonly reductions: number;
  readonly virtualNs: number;
  /** Folded over every host call: equal runs have equal digests. */
  readonly digest: number;
  /** Why the VM itself failed, with the Wasm functions that were running. */
  readonly panic?: string;
}

const archivePageBytes = 4096;
const linearBytesMax = 2 ** 32;
/** The allocator, static data and process table need some room besides the archive. */
const roomBytesMin = 4 << 20;

function loadArchive(memory: WebAssembly.Memory, archive: Uint8Array): number {
  const bytes = new Uint8Array(memory.buffer);
  const at = Math.floor((bytes.length - archive.length) / archivePageBytes) * archivePageBytes;
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

interface Pc {
  readonly host: Host;
  readonly output: SerialOutput;
  readonly clock: VirtualClock;
  readonly files: HostFiles;
}

function buildPc(options: PcOptions, memory: WebAssembly.Memory): Pc {
  const clock = options.command ? new RealClock() : new VirtualClock();
  const output = new SerialOutput(options.onSerial);
  const files = new HostFiles(options.mounts ?? [], options.command);
  const interrupts = new Interrupts(
    () => clock.nowNs,
    () => host.ringDoorbell(),
  );
  const devices = newDevices({
    clock,
    interrupts,
    serialScript: options.serialInput ?? [],
    onSerial: (byte) => output.write(byte),
    onEnd: (status) => {
      throw new RunEnd({ kind: 'power', status });
    },
  });
  const host: Host = new Host({
    memory,
    clock,
    interrupts,
    devices,
    grants: new GrantTable(BigInt(options.memoryBytes)),
    wallClockNs: options.wallClockNs ?? wallClockNs,
    entropy: new RandomStream(options.seed, 'entropy'),
    choices: options.choices === 'seeded' ? new RandomStream(options.seed, 'choices') : null,
    reader: options.serialReader ?? null,
    output,
    files,
    streams: options.command?.streams ?? null,
    limits: options.limits ?? {},
  });
  return { host, clock, output, files };
}

export function runPc(options: PcOptions): PcResult {
  const memory = newMemory(options.memoryBytes);
  const archiveLinear = loadArchive(memory, options.archive);
  const { host, clock, output, files } = buildPc(options, memory);
  const instance = new WebAssembly.Instance(options.wasm, {
    env: { memory },
    host: host.imports(),
  });
  const main = instance.exports[vmExports.main] as (...args: number[]) => void;
  const end = (ending: PcResult['ending'], panic?: string): PcResult => ({
    status: ending.kind === 'power' ? ending.status : null,
    ending,
    reductions: host.reductions,
    virtualNs: clock.nowNs,
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
    output.flush();
    files.closeAll();
  }
  return end({ kind: 'panic' }, 'main returned without power()');
}

/** The reason, then one Wasm function a line, the innermost first. */
function panicText(error: Error): string {
  const frames = [...(error.stack ?? '').matchAll(/at (\S+) \(wasm:.*:(0x[0-9a-f]+)\)/g)];
  return [error.message, ...frames.map(([, name, at]) => `  at ${name} ${at}`)].join('\n');
}
