/**
 * Decodes a WebAssembly module into its sections; function bodies stay bytes for
 * native/function_emitter to walk. Accepts what the VM's compiler produces: the first version of
 * WebAssembly with mutable globals, sign extension, saturating conversions, bulk memory and
 * atomics; one memory, one table of functions, no references as values. Everything else is a
 * WasmError that names the feature. https://webassembly.github.io/spec/core/binary/modules.html
 */
import { WasmReader } from './wasm_reader.ts';

/** i = i32, l = i64, f = f32, d = f64; the letters of the signatures in tables/wasm_opcodes. */
export type ValueType = 'i' | 'l' | 'f' | 'd';

export interface FunctionType {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** A constant by its bits, or the value of an earlier immutable global. */
export type ConstantExpression =
  | { readonly kind: 'constant'; readonly type: ValueType; readonly bits: bigint }
  | { readonly kind: 'global'; readonly index: number };

export interface WasmFunction {
  readonly type: FunctionType;
  readonly import: { readonly module: string; readonly name: string } | null;
  /** From the name section. */
  name: string | null;
  localNames: ReadonlyMap<number, string>;
  /** Local declarations and instructions; null for an import. */
  body: WasmReader | null;
}

export interface WasmGlobal {
  readonly type: ValueType;
  readonly mutable: boolean;
  readonly initial: ConstantExpression;
  name: string | null;
}

export interface Limits {
  readonly min: number;
  readonly max: number | null;
  readonly shared: boolean;
}

export type SegmentMode = 'active' | 'passive' | 'declarative';

export interface ElementSegment {
  readonly mode: SegmentMode;
  readonly offset: ConstantExpression | null;
  /** Function indices; null is an empty slot. */
  readonly functions: readonly (number | null)[];
}

export interface DataSegment {
  readonly mode: SegmentMode;
  readonly offset: ConstantExpression | null;
  readonly bytes: Uint8Array;
}

export interface WasmExport {
  readonly name: string;
  readonly kind: 'function' | 'table' | 'memory' | 'global';
  readonly index: number;
}

export interface WasmModule {
  readonly types: FunctionType[];
  readonly functions: WasmFunction[];
  readonly globals: WasmGlobal[];
  readonly exports: WasmExport[];
  readonly elements: ElementSegment[];
  readonly data: DataSegment[];
  table: Limits | null;
  memory: Limits | null;
  start: number | null;
  /** The data count section, without which a body may not name data segments. */
  dataCount: number | null;
}

const valueTypes: Readonly<Record<number, ValueType>> = { 127: 'i', 126: 'l', 125: 'f', 124: 'd' };

const unsupportedTypes: Readonly<Record<number, string>> = {
  123: 'v128 (SIMD)',
  112: 'funcref (reference types)',
  111: 'externref (reference types)',
};

export function readValueType(reader: WasmReader): ValueType {
  const code = reader.u8();
  const type = valueTypes[code];
  if (type !== undefined) return type;
  const known = unsupportedTypes[code];
  return reader.fail(
    known ? `value type ${known} is not supported` : `malformed value type ${code}`,
  );
}

/**
 * Sections in the order in which they must appear; the data count (12) stands before the code (10).
 */
const sectionOrder = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

type SectionReader = (reader: WasmReader, module: WasmModule) => void;

const sectionReaders: Readonly<Record<number, SectionReader>> = {
  1: readTypes,
  2: readImports,
  3: readFunctions,
  4: readTables,
  5: readMemories,
  6: readGlobals,
  7: readExports,
  8: readStart,
  9: readElements,
  10: readCode,
  11: readData,
  12: (reader, module) => {
    module.dataCount = reader.u32();
  },
};

export function decodeModule(bytes: Uint8Array): WasmModule {
  const reader = new WasmReader(bytes);
  if (reader.fixedU32() !== 0x6d736100) reader.fail('magic header not detected');
  if (reader.fixedU32() !== 1) reader.fail('unknown binary version');
  const module: WasmModule = {
    types: [],
    functions: [],
    globals: [],
    exports: [],
    elements: [],
    data: [],
    table: null,
    memory: null,
    start: null,
    dataCount: null,
  };
  let last = -1;
  while (!reader.atEnd) {
    const id = reader.u8();
    const section = reader.sub(reader.u32());
    if (id === 0) {
      readCustom(section, module);
      continue;
    }
    const read = sectionReaders[id];
    if (read === undefined) return reader.fail(`malformed section id ${id}`);
    const place = sectionOrder.indexOf(id);
    if (place <= last) reader.fail(`unexpected section ${id}: out of order or twice`);
    last = place;
    read(section, module);
    if (!section.atEnd) section.fail(`section size mismatch in section ${id}`);
  }
  checkModule(reader, module);
  return module;
}

function checkModule(reader: WasmReader, module: WasmModule): void {
  if (module.functions.some((f) => f.import === null && f.body === null)) {
    reader.fail('function and code section have inconsistent lengths');
  }
  if (module.dataCount !== null && module.dataCount !== module.data.length) {
    reader.fail('data count and data section have inconsistent lengths');
  }
  const names = new Set<string>();
  for (const { name, kind, index } of module.exports) {
    if (names.has(name)) reader.fail(`duplicate export name ${JSON.stringify(name)}`);
    names.add(name);
    const count = {
      function: module.functions.length,
      table: module.table ? 1 : 0,
      memory: module.memory ? 1 : 0,
      global: module.globals.length,
    }[kind];
    if (index >= count) reader.fail(`unknown ${kind} ${index}`);
  }
  if (module.start !== null) {
    const start = module.functions[module.start];
    if (start === undefined) reader.fail(`unknown function ${module.start}`);
    else if (start.type.params.length + start.type.results.length > 0) {
      reader.fail('start function must have neither parameters nor results');
    }
  }
}

function readTypes(reader: WasmReader, module: WasmModule): void {
  reader.vector(() => {
    if (reader.u8() !== 0x60) reader.fail('only function types are supported');
    const params = reader.vector(() => readValueType(reader));
    module.types.push({ params, results: reader.vector(() => readValueType(reader)) });
  });
}

function readTypeIndex(reader: WasmReader, module: WasmModule): FunctionType {
  const index = reader.u32();
  return module.types[index] ?? reader.fail(`unknown type ${index}`);
}

function newFunction(type: FunctionType, imported: WasmFunction['import']): WasmFunction {
  return { type, import: imported, name: null, localNames: new Map(), body: null };
}

function readImports(reader: WasmReader, module: WasmModule): void {
  reader.vector(() => {
    const from = { module: reader.string(), name: reader.string() };
    const kind = reader.u8();
    if (kind === 0) module.functions.push(newFunction(readTypeIndex(reader, module), from));
    else if (kind === 2) readMemory(reader, module);
    else if (kind === 1 || kind === 3) {
      reader.fail(
        `import ${from.module}.${from.name}: imported tables and globals are not supported`,
      );
    } else reader.fail(`malformed import kind ${kind}`);
  });
}

function readFunctions(reader: WasmReader, module: WasmModule): void {
  reader.vector(() => module.functions.push(newFunction(readTypeIndex(reader, module), null)));
}

function readLimits(reader: WasmReader, highest: number, what: string): Limits {
  const flags = reader.u8();
  if (flags > 3) reader.fail(`malformed limits flags ${flags} (64-bit ${what} is not supported)`);
  const min = reader.u32();
  const max = (flags & 1) !== 0 ? reader.u32() : null;
  if (min > highest || (max ?? 0) > highest) reader.fail(`${what} size must be at most ${highest}`);
  if (max !== null && min > max) reader.fail('size minimum must not be greater than maximum');
  if ((flags & 2) !== 0 && max === null) reader.fail('shared memory must have maximum');
  return { min, max, shared: (flags & 2) !== 0 };
}

function readTables(reader: WasmReader, module: WasmModule): void {
  reader.vector(() => {
    if (module.table !== null) reader.fail('multiple tables are not supported');
    if (reader.u8() !== 0x70) reader.fail('only tables of functions are supported');
    module.table = readLimits(reader, 0xffff_ffff, 'table');
    if (module.table.shared) reader.fail('a table cannot be shared');
  });
}

function readMemory(reader: WasmReader, module: WasmModule): void {
  if (module.memory !== null) reader.fail('multiple memories are not supported');
  module.memory = readLimits(reader, 65536, 'memory');
}

function readMemories(reader: WasmReader, module: WasmModule): void {
  reader.vector(() => readMemory(reader, module));
}

function readMutability(reader: WasmReader): boolean {
  const flag = reader.u8();
  if (flag > 1) reader.fail('malformed mutability');
  return flag === 1;
}

function readGlobals(reader: WasmReader, module: WasmModule): void {
  reader.vector(() => {
    const type = readValueType(reader);
    const mutable = readMutability(reader);
    module.globals.push({ type, mutable, initial: readConstant(reader, module, type), name: null });
  });
}

const bitsOf = {
  i: (reader: WasmReader) => BigInt.asUintN(32, BigInt(reader.s32())),
  l: (reader: WasmReader) => BigInt.asUintN(64, reader.s64()),
  f: (reader: WasmReader) => BigInt(reader.f32Bits()),
  d: (reader: WasmReader) => reader.f64Bits(),
} as const;

const constantOpcodes: Readonly<Record<number, ValueType>> = { 65: 'i', 66: 'l', 67: 'f', 68: 'd' };

/** constexpr: one constant instruction and `end`. */
function readConstant(
  reader: WasmReader,
  module: WasmModule,
  expected: ValueType,
): ConstantExpression {
  const opcode = reader.u8();
  const type = constantOpcodes[opcode];
  let expression: ConstantExpression;
  if (type !== undefined) {
    if (type !== expected) reader.fail('type mismatch in constant expression');
    expression = { kind: 'constant', type, bits: bitsOf[type](reader) };
  } else if (opcode === 0x23) {
    const index = reader.u32();
    const global = module.globals[index] ?? reader.fail(`unknown global ${index}`);
    if (global.mutable) reader.fail('constant expression required');
    if (global.type !== expected) reader.fail('type mismatch in constant expression');
    expression = { kind: 'global', index };
  } else {
    return reader.fail(`constant expression required, found opcode 0x${opcode.toString(16)}`);
  }
  if (reader.u8() !== 0x0b)
    reader.fail('type mismatch: constant expression of several instructions');
  return expression;
}

/**
 * The constant that an expression stands for; globals refer to earlier globals only, so this ends.
 */
export function constantOf(
  module: WasmModule,
  expression: ConstantExpression,
): { readonly type: ValueType; readonly bits: bigint } {
  let at = expression;
  while (at.kind === 'global') at = (module.globals[at.index] as WasmGlobal).initial;
  return at;
}

const exportKinds = ['function', 'table', 'memory', 'global'] as const;

function readExports(reader: WasmReader, module: WasmModule): void {
  reader.vector(() => {
    const name = reader.string();
    const kind = exportKinds[reader.u8()] ?? reader.fail('malformed export kind');
    module.exports.push({ name, kind, index: reader.u32() });
  });
}

function readStart(reader: WasmReader, module: WasmModule): void {
  module.start = reader.u32();
}

function readFunctionIndex(reader: WasmReader, module: WasmModule): number {
  const index = reader.u32();
  if (index >= module.functions.length) reader.fail(`unknown function ${index}`);
  return index;
}

/** An element given as an expression: `ref.func index end` or `ref.null func end`. */
function readElementExpression(reader: WasmReader, module: WasmModule): number | null {
  const opcode = reader.u8();
  let index: number | null = null;
  if (opcode === 0xd2) index = readFunctionIndex(reader, module);
  else if (opcode !== 0xd0 || reader.u8() !== 0x70) reader.fail('unsupported element expression');
  if (reader.u8() !== 0x0b) reader.fail('type mismatch in element expression');
  return index;
}

/**
 * Flag bits: 0 passive or declarative, 1 explicit table (or declarative), 2 expressions instead of
 * indices.
 */
function readElements(reader: WasmReader, module: WasmModule): void {
  reader.vector(() => {
    const flags = reader.u32();
    if (flags > 7) reader.fail(`malformed elements segment kind ${flags}`);
    const active = (flags & 1) === 0;
    const mode = active ? 'active' : (flags & 2) !== 0 ? 'declarative' : 'passive';
    if (active && (flags & 2) !== 0 && reader.u32() !== 0) reader.fail('unknown table');
    if (active && module.table === null) reader.fail('unknown table 0');
    const offset = active ? readConstant(reader, module, 'i') : null;
    const expressions = (flags & 4) !== 0;
    if ((flags & 3) !== 0 && reader.u8() !== (expressions ? 0x70 : 0)) {
      reader.fail('only elements of functions are supported');
    }
    const functions = reader.vector(() =>
      expressions ? readElementExpression(reader, module) : readFunctionIndex(reader, module),
    );
    module.elements.push({ mode, offset, functions });
  });
}

function readCode(reader: WasmReader, module: WasmModule): void {
  const own = module.functions.filter((f) => f.import === null);
  const count = reader.u32();
  if (count !== own.length) reader.fail('function and code section have inconsistent lengths');
  for (const f of own) f.body = reader.sub(reader.u32());
}

function readData(reader: WasmReader, module: WasmModule): void {
  reader.vector(() => {
    const flags = reader.u32();
    if (flags > 2) reader.fail(`malformed data segment kind ${flags}`);
    if (flags === 2 && reader.u32() !== 0) reader.fail('unknown memory');
    const active = flags !== 1;
    if (active && module.memory === null) reader.fail('unknown memory 0');
    const offset = active ? readConstant(reader, module, 'i') : null;
    const bytes = reader.slice(reader.u32());
    module.data.push({ mode: active ? 'active' : 'passive', offset, bytes });
  });
}

/** Custom sections never make a module invalid; only "name" is of use. */
function readCustom(reader: WasmReader, module: WasmModule): void {
  if (reader.string() !== 'name') return;
  try {
    while (!reader.atEnd) {
      const id = reader.u8();
      readNames(id, reader.sub(reader.u32()), module);
    }
  } catch {
    // A broken name section costs readable names and nothing else, as the specification asks.
  }
}

function readNames(id: number, reader: WasmReader, module: WasmModule): void {
  const nameMap = () => new Map(reader.vector(() => [reader.u32(), reader.string()] as const));
  if (id === 1) {
    for (const [index, name] of nameMap()) {
      const named = module.functions[index];
      if (named) named.name = name;
    }
  } else if (id === 2) {
    reader.vector(() => {
      const named = module.functions[reader.u32()];
      const names = nameMap();
      if (named) named.localNames = names;
    });
  } else if (id === 7) {
    for (const [index, name] of nameMap()) {
      const named = module.globals[index];
      if (named) named.name = name;
    }
  }
}
