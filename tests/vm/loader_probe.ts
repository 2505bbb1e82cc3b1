/** Starts vm/probe_loader.ts in Node: the loader with everything it needs and nothing else. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildVm } from '../../tools/build_vm.ts';

const start = 1 << 20;
const pages = 4096;

/** The exports of the probe; addresses, lengths and indices are numbers, terms bigints. */
export interface LoaderExports {
  init(start: number, end: number): void;
  allocate(bytes: number): number;
  release(address: number): void;
  loadModule(address: number, length: number): number;
  prepareModule(address: number, length: number): number;
  discardInstance(instance: number): void;
  reportText(): number;
  reportLength(): number;
  functionAt(pc: number): number;
  locationAt(pc: number): number;
  line(): number;
  file(): number;
  fileLength(): number;
  setAcceptUnimplemented(yes: number): void;
  atomFromUtf8(address: number, length: number): bigint;
  atomText(atom: bigint): number;
  atomLength(atom: bigint): number;
  inflateZlib(from: number, bytes: number, to: number, capacity: number): bigint;
  enterTemporaryHeap(): void;
  leaveTemporaryHeap(): void;
  binaryOf(address: number, bytes: number): bigint;
  binaryData(term: bigint): number;
  byteSize(term: bigint): number;
  decodeNow(binary: bigint): bigint;
  decodeInSlices(binary: bigint): bigint;
  encodeInSlices(term: bigint): bigint;
  sizeInSlices(term: bigint): bigint;
  slices: { value: number };
  termToBinary(term: bigint, options: number): bigint;
  initArchive(address: number, bytes: number): number;
  archiveFindBytes(path: number, length: number): number;
  archiveModule(module: bigint): number;
  loadFromArchive(module: bigint): number;
  archiveFileLength: { value: number };
  archiveModuleCount: { value: number };
  allocatedBytes: { value: number };
  atomCount: { value: number };
  exportCount: { value: number };
  funEntryCount: { value: number };
  checksEmitted: { value: number };
}

export class LoaderProbe {
  readonly vm: LoaderExports;
  readonly memory: WebAssembly.Memory;
  constructor(vm: LoaderExports, memory: WebAssembly.Memory) {
    this.vm = vm;
    this.memory = memory;
  }
  bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }
  view(): DataView {
    return new DataView(this.memory.buffer);
  }
  text(address: number, length: number): string {
    return Buffer.from(this.memory.buffer, address, length).toString();
  }
  atom(word: number): string {
    const term = BigInt(word);
    return this.text(this.vm.atomText(term), this.vm.atomLength(term));
  }
  /** Calls `use` with the address of a copy of `data`. */
  with<T>(data: Uint8Array, use: (address: number, length: number) => T): T {
    const address = this.vm.allocate(data.length);
    this.bytes().set(data, address);
    try {
      return use(address, data.length);
    } finally {
      this.vm.release(address);
    }
  }
  report(): string {
    return this.text(this.vm.reportText(), this.vm.reportLength());
  }
  /** The instance, or the report as an Error. */
  load(data: Uint8Array): number {
    const instance = this.with(data, (address, length) => this.vm.loadModule(address, length));
    if (!instance) throw new Error(this.report());
    return instance;
  }
}

/** Deterministic pseudo-random numbers below a limit (mulberry32). */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

export async function startProbe(): Promise<LoaderProbe> {
  const { wasm } = await buildVm({ level: 1, entry: 'vm/probe_loader.ts' });
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536 });
  let panic = '';
  const host = {
    debugWrite: (address: number, length: number) => {
      panic += Buffer.from(memory.buffer, address, length).toString();
    },
    power: (status: number) => {
      throw new Error(`the VM stopped with status ${status}: ${panic}`);
    },
  };
  const module = new WebAssembly.Module(wasm);
  const imports: Record<string, Record<string, unknown>> = { env: { memory } };
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    if (kind !== 'function') continue;
    imports[from] ??= {};
    imports[from][name] =
      (host as Record<string, unknown>)[name] ??
      (() => {
        throw new Error(`host function ${name} called`);
      });
  }
  const vm = (await WebAssembly.instantiate(module, imports as never))
    .exports as unknown as LoaderExports;
  vm.init(start, pages * 65536);
  return new LoaderProbe(vm, memory);
}

/**
 * Output of `main/1` of a module with this text, compiled by the installed erlc, called with `args`
 * as strings. Interpreting the same as an expression is some fifty times slower.
 */
export function erlModuleOutput(source: string, args: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-test-'));
  try {
    writeFileSync(
      join(folder, 'generator.erl'),
      `-module(generator).\n-export([main/1]).\n${source}\n`,
    );
    execFileSync('erlc', ['generator.erl'], { cwd: folder, timeout: 60_000 });
    const run = ['-noshell', '-noinput', '-pa', folder, '-eval'];
    const call = 'generator:main(init:get_plain_arguments()), halt().';
    return execFileSync('erl', [...run, call, '-extra', ...args], {
      timeout: 120_000,
      maxBuffer: 1 << 28,
      encoding: 'utf8',
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Output of an Erlang expression (a body without `halt()`) run by the installed erl; `args` are
 * init:get_plain_arguments().
 */
export function erlOutput(body: string, args: readonly string[] = []): string {
  const text = body.replace(/\s+/g, ' ').trim();
  return execFileSync(
    'erl',
    ['-noshell', '-noinput', '-eval', `${text}, halt().`, '-extra', ...args],
    {
      timeout: 120_000,
      maxBuffer: 1 << 28,
      encoding: 'utf8',
    },
  );
}
