/** The rows of tables/wasm_opcodes in the form in which the emitter looks them up. */
import { type WasmImmediate, type WasmKind, wasmRows } from '../tables/wasm_opcodes.ts';
import type { ValueType } from './wasm_module.ts';
import type { WasmReader } from './wasm_reader.ts';

export interface WasmOpcode {
  readonly code: number;
  readonly name: string;
  readonly immediate: WasmImmediate;
  /** Operand and result types; empty for rows whose rule is the emitter's. */
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly kind: WasmKind;
  readonly c: string;
}

export const wasmOpcodes: ReadonlyMap<number, WasmOpcode> = new Map(
  wasmRows.map(([code, name, immediate, signature, kind, c]) => {
    const [params = '', results = ''] = signature === '*' ? [] : signature.split('>');
    const row: WasmOpcode = {
      code,
      name,
      immediate,
      params: [...params] as ValueType[],
      results: [...results] as ValueType[],
      kind,
      c,
    };
    return [code, row];
  }),
);

/** Families that the emitter leaves out, to say so by name. */
const unsupportedPrefixes: Readonly<Record<number, string>> = {
  6: 'exception handling',
  18: 'tail calls',
  37: 'reference types',
  38: 'reference types',
  208: 'reference types',
  209: 'reference types',
  210: 'reference types',
  251: 'garbage collection',
  252: 'reference types',
  253: 'SIMD',
};

export function readOpcode(reader: WasmReader): WasmOpcode {
  const first = reader.u8();
  const code =
    first === 0xfc || first === 0xfd || first === 0xfe ? first * 0x10000 + reader.u32() : first;
  const opcode = wasmOpcodes.get(code);
  if (opcode !== undefined) return opcode;
  const family = unsupportedPrefixes[first];
  const hex = `0x${code.toString(16)}`;
  return reader.fail(
    family ? `opcode ${hex}: ${family} is not supported` : `illegal opcode ${hex}`,
  );
}
