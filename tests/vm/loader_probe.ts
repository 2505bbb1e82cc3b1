/** Starts vm/probe_loader.ts in Node: the loader with everything it needs and nothing else. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildVm } from '../../tools/build_vm.ts';

export const otpRoot = '/usr/lib/erlang';
const start = 1 << 20;
const pages = 4096;

type Exported = Record<string, (...args: never[]) => never> & {
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
  atomText(atom: bigint): number;
  atomLength(atom: bigint): number;
  allocatedBytes: { value: number };
};

export class LoaderProbe {
  readonly vm: Exported;
  readonly memory: WebAssembly.Memory;
  constructor(vm: Exported, memory: WebAssembly.Memory) {
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
    .exports as unknown as Exported;
  vm.init(start, pages * 65536);
  return new LoaderProbe(vm, memory);
}

/** All .beam files of the installed OTP below lib/NAME-VERSION/ebin for these applications. */
export function otpBeams(...applications: string[]): string[] {
  const lib = join(otpRoot, 'lib');
  return readdirSync(lib)
    .filter((name) => !applications.length || applications.includes(name.replace(/-[\d.]+$/, '')))
    .flatMap((name) => {
      const ebin = join(lib, name, 'ebin');
      if (!existsSync(ebin)) return [];
      return readdirSync(ebin)
        .filter((file) => file.endsWith('.beam'))
        .map((file) => join(ebin, file));
    });
}
export const here = fileURLToPath(new URL('.', import.meta.url));
