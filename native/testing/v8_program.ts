/** For tests: the same commands as native_program, carried out by V8. */

import { decodeModule, type ValueType, type WasmModule } from '../wasm_module.ts';
import type { Command, Outcome } from './native_program.ts';

const scratch = new DataView(new ArrayBuffer(8));

const toJs: Readonly<Record<ValueType, (bits: bigint) => number | bigint>> = {
  i: (bits) => Number(BigInt.asIntN(32, bits)),
  l: (bits) => BigInt.asIntN(64, bits),
  f: (bits) => {
    scratch.setUint32(0, Number(bits));
    return scratch.getFloat32(0);
  },
  d: (bits) => {
    scratch.setBigUint64(0, bits);
    return scratch.getFloat64(0);
  },
};

/** Hexadecimal bits of a JavaScript value of a Wasm type; NaNs are not told apart. */
function bitsText(type: ValueType, value: number | bigint): string {
  if (type === 'i') return (Number(value) >>> 0).toString(16);
  if (type === 'l') return BigInt.asUintN(64, BigInt(value)).toString(16);
  if (Number.isNaN(value)) return 'nan';
  if (type === 'f') {
    scratch.setFloat32(0, Number(value));
    return scratch.getUint32(0).toString(16);
  }
  scratch.setFloat64(0, Number(value));
  return scratch.getBigUint64(0).toString(16);
}

const trapPatterns: readonly (readonly [RegExp, string])[] = [
  [/unreachable/, 'unreachable'],
  [/divide by zero|remainder by zero/, 'division'],
  [/divide result unrepresentable/, 'overflow'],
  [/float unrepresentable/, 'conversion'],
  [/memory access out of bounds|data segment|memory\.init/, 'memory'],
  [/null function or function signature/, 'signature'],
  [/table index is out of bounds|table.*out of bounds|element segment/, 'table'],
  [/unaligned/, 'unaligned'],
  [/call stack size exceeded/, 'stack'],
];

function trapClass(error: unknown): string {
  const text = String(error);
  const found = trapPatterns.find(([pattern]) => pattern.test(text));
  if (found === undefined) throw error;
  return `trap: ${found[1]}`;
}

/** The result of a command for a module whose instantiation trapped. */
export const noInstance = 'no instance';

interface Instance {
  readonly exports: Record<string, (...args: (number | bigint)[]) => number | bigint | undefined>;
  readonly memory: WebAssembly.Memory | null;
}

export class V8Program {
  private readonly wasms: readonly Uint8Array[];
  private readonly decoded: readonly WasmModule[];
  private readonly instances = new Map<number, Instance>();
  private log: string[] = [];

  constructor(wasms: readonly Uint8Array[]) {
    this.wasms = wasms;
    this.decoded = wasms.map((wasm) => decodeModule(wasm));
  }

  run(commands: readonly Command[]): Outcome[] {
    return commands.map((command) => {
      this.log = [];
      const result = this.command(command);
      return { result, log: this.log };
    });
  }

  private command(command: Command): string {
    if (command.kind === 'instantiate') return this.instantiate(command.module);
    const instance = this.instances.get(command.module);
    if (instance === undefined) return noInstance;
    if (command.kind === 'memory') return hashMemory(instance);
    const { exports, functions } = this.decoded[command.module] as WasmModule;
    const found = exports.find((e) => e.name === command.name);
    const type = functions[found?.index ?? -1]?.type;
    const f = instance.exports[command.name];
    if (type === undefined || f === undefined) throw new Error(`no export ${command.name}`);
    const args = command.args.map((bits, i) => toJs[type.params[i] as ValueType](bits));
    try {
      const value = f(...args);
      const result = type.results[0];
      return result === undefined ? '' : bitsText(result, value as number | bigint);
    } catch (error) {
      return trapClass(error);
    }
  }

  private instantiate(index: number): string {
    const wasm = this.wasms[index] as Uint8Array;
    const decoded = this.decoded[index] as WasmModule;
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
    for (const f of decoded.functions) {
      if (f.import === null) continue;
      const { module, name } = f.import;
      const { params } = f.type;
      imports[module] ??= {};
      imports[module][name] = (...args: (number | bigint)[]) => {
        const bits = args.map((value, i) => ` ${bitsText(params[i] as ValueType, value)}`);
        this.log.push(`${module}.${name}${bits.join('')}`);
        return f.type.results[0] === 'l' ? 0n : 0;
      };
    }
    try {
      const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), imports);
      const memory = Object.values(instance.exports).find((e) => e instanceof WebAssembly.Memory);
      this.instances.set(index, {
        exports: instance.exports as unknown as Instance['exports'],
        memory: (memory as WebAssembly.Memory | undefined) ?? null,
      });
      return '';
    } catch (error) {
      return trapClass(error);
    }
  }
}

/**
 * The hash that the native program computes: FNV-1a over position and value of the bytes that are
 * not zero.
 */
function hashMemory(instance: Instance): string {
  if (instance.memory === null) throw new Error('the module must export its memory');
  const bytes = new Uint8Array(instance.memory.buffer);
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte !== 0) hash = Math.imul(hash ^ i ^ (byte << 24), 0x01000193);
  }
  return (hash >>> 0).toString(16);
}
