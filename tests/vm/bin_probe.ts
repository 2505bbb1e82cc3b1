/** Loads vm/probe_bin.ts and translates between JavaScript values and terms of that module. */
import { buildVm } from '../../tools/build_vm.ts';

export interface Probe {
  /** The module's exports; their signatures are those of the AssemblyScript sources. */
  readonly vm: WebAssembly.Instance['exports'];
  readonly bytes: () => Buffer;
  readonly view: () => DataView;
}

const memoryPages = 1024;

/** `heapBytes` is passed to the probe's init, which may ignore it. */
export async function loadProbe(entry = 'vm/probe_bin.ts', heapBytes = 0): Promise<Probe> {
  const { wasm } = await buildVm({ entry, level: 1 });
  const memory = new WebAssembly.Memory({ initial: memoryPages, maximum: 65536 });
  const compiled = await WebAssembly.compile(Buffer.from(wasm));
  const imports: WebAssembly.Imports = { env: { memory } };
  for (const { module, name, kind } of WebAssembly.Module.imports(compiled)) {
    if (kind !== 'function') continue;
    imports[module] ??= {};
    const functions = imports[module];
    functions[name] = (...args: number[]) => {
      if (name === 'debugWrite') {
        const [at = 0, length = 0] = args;
        process.stderr.write(Buffer.from(memory.buffer, at >>> 0, length));
      } else if (name !== 'choose') throw new Error(`the probe called ${module}.${name}`);
      return 0;
    };
  }
  const instance = await WebAssembly.instantiate(compiled, imports);
  const vm = instance.exports;
  vm.init(0x20_0000, memoryPages * 65536, heapBytes);
  return {
    vm,
    bytes: () => Buffer.from(memory.buffer),
    view: () => new DataView(memory.buffer),
  };
}

/** Deterministic pseudo-random numbers (mulberry32). */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

/** '0' and '1' characters of the `count` bits from `bit` on. */
export function bitText(bytes: Uint8Array, bit: number, count: number): string {
  let text = '';
  for (let i = bit; i < bit + count; i++) text += (bytes[i >> 3]! >> (7 - (i & 7))) & 1;
  return text;
}
