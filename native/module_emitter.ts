/**
 * Turns a Wasm module into C units that compile in parallel and are cached by their text
 * (architecture D2, D14).
 *
 * Symbols that the outside sees: `vm_init_memory()` copies the active data segments, `vm_start()`
 * runs the module's start function, an export `main` is `vm_main` (which runs both the start
 * function and, before it, tells memory.size how many bytes there are), any other exported function
 * is `vm_export_NAME`. `vm_memory_bytes` and `vm_memory_bytes_max` are the size of linear memory
 * now and at most. Imports are `MODULE_NAME`, so `host_portIn8`. Wasm functions are `w_NAME`,
 * globals `g_NAME`.
 */

import { wasmPageBytes } from '../tables/memory_map.ts';
import { wasmTraps } from '../tables/wasm_traps.ts';
import {
  bytesLiteral,
  cTypes,
  identifier,
  literal,
  signatureNumber,
  signatureText,
  UniqueNames,
} from './c_text.ts';
import { fnv1a } from './content_hash.ts';
import {
  type EmitOptions,
  FunctionEmitter,
  type ModuleNames,
  type Uses,
} from './function_emitter.ts';
import {
  constantOf,
  decodeModule,
  type ElementSegment,
  type WasmFunction,
  type WasmModule,
} from './wasm_module.ts';
import { WasmError } from './wasm_reader.ts';

export interface ModuleOptions extends EmitOptions {
  /** Address of linear memory's first byte. */
  readonly memoryBase: bigint;
  /**
   * One unit in which everything but the entry points is static, or many that compile in parallel.
   */
  readonly units: 'one' | 'many';
  /** C to put before the runtime header: more macros that it reads. */
  readonly prologue?: string;
}

export interface CUnit {
  readonly name: string;
  readonly text: string;
}

export interface EmittedModule {
  readonly units: readonly CUnit[];
  /** Exported functions: name in the module to C symbol and type. */
  readonly exports: ReadonlyMap<
    string,
    { readonly symbol: string; readonly function: WasmFunction }
  >;
  readonly module: WasmModule;
}

/**
 * Functions of one source file stay together, and a file keeps its unit when other files change.
 */
const unitCount = 12;
const tableEntriesMax = 1 << 20;

interface EmittedFunction {
  readonly index: number;
  readonly text: string;
  readonly uses: Uses;
}

export function emitModule(wasm: Uint8Array, options: ModuleOptions): EmittedModule {
  const module = decodeModule(wasm);
  if ((module.table?.min ?? 0) > tableEntriesMax) throw new WasmError('table too large');
  const names = chooseNames(module);
  const functions = module.functions.flatMap((f, index) =>
    f.import === null ? [emitFunction(module, index, names, options)] : [],
  );
  const context: Context = {
    module,
    names,
    options,
    uses: mergeUses(functions),
    tableConstant: !functions.some((f) => / vm_table_(init|copy)\(/.test(f.text)),
    storage: options.units === 'one' ? 'static ' : '',
  };
  const exports = chooseExports(module);
  const data = dataUnit(context, exports);
  if (options.units === 'one') {
    const uses = newUses();
    for (let i = 0; i < module.functions.length; i++) uses.functions.add(i);
    const head = `${prologue(context, 'module')}${prototypes(context, uses)}`;
    const text = `${head}${data}${functions.map((f) => f.text).join('\n')}`;
    return { units: [{ name: 'module', text }], exports, module };
  }
  const everything = newUses();
  for (let i = 0; i < module.functions.length; i++) everything.functions.add(i);
  const dataText = `${prologue(context, 'data')}${prototypes(context, everything)}${data}`;
  return {
    units: [...codeUnits(context, functions), { name: 'data', text: dataText }],
    exports,
    module,
  };
}

interface Context {
  readonly module: WasmModule;
  readonly names: ModuleNames;
  readonly options: ModuleOptions;
  /** What all functions together name. */
  readonly uses: Uses;
  /** No instruction writes to the table. */
  readonly tableConstant: boolean;
  /** `static ` when there is but one unit. */
  readonly storage: string;
}

function newUses(): Uses {
  return {
    functions: new Set(),
    globals: new Set(),
    data: new Set(),
    elements: new Set(),
    table: false,
  };
}

function chooseNames(module: WasmModule): ModuleNames {
  const unique = new UniqueNames();
  const functions = module.functions.map((f, index) =>
    f.import === null
      ? unique.pick('w_', f.name, index)
      : `${identifier(f.import.module)}_${identifier(f.import.name)}`,
  );
  const globals = module.globals.map((g, index) => unique.pick('g_', g.name, index));
  return { functions, globals };
}

function chooseExports(module: WasmModule): EmittedModule['exports'] {
  const unique = new UniqueNames();
  return new Map(
    module.exports.flatMap(({ name, kind, index }) => {
      if (kind !== 'function') return [];
      const symbol = name === 'main' ? 'vm_main' : unique.pick('vm_export_', name, index);
      return [[name, { symbol, function: module.functions[index] as WasmFunction }]];
    }),
  );
}

function emitFunction(
  module: WasmModule,
  index: number,
  names: ModuleNames,
  options: ModuleOptions,
): EmittedFunction {
  const f = module.functions[index] as WasmFunction;
  const uses = newUses();
  const storage = options.units === 'one' ? 'static ' : '';
  try {
    const text = new FunctionEmitter(module, f, names, options, uses).emit(
      names.functions[index] as string,
    );
    return { index, text: `${storage}${text}`, uses };
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    throw new WasmError(`function ${index} (${f.name ?? 'unnamed'}): ${error.message}`);
  }
}

// ---- Units of code ----

function codeUnits(context: Context, functions: readonly EmittedFunction[]): CUnit[] {
  const units = new Map<number, EmittedFunction[]>();
  for (const f of functions) {
    const number = unitOf(context.module.functions[f.index] as WasmFunction, f.index);
    const unit = units.get(number);
    if (unit === undefined) units.set(number, [f]);
    else unit.push(f);
  }
  return [...units].map(([number, members]) => {
    const uses = mergeUses(members);
    const name = `code${number}`;
    const head = `${prologue(context, name)}${prototypes(context, uses)}${variables(context, uses)}`;
    return { name, text: `${head}\n${members.map((f) => f.text).join('\n')}` };
  });
}

/**
 * AssemblyScript names a function after its file: `vm/heap/alloc/allocate` lives in vm/heap/alloc.
 */
function unitOf(f: WasmFunction, index: number): number {
  const file = f.name?.includes('/') ? f.name.slice(0, f.name.lastIndexOf('/')) : `${index >> 6}`;
  return fnv1a(file) % unitCount;
}

function mergeUses(members: readonly EmittedFunction[]): Uses {
  const all = newUses();
  for (const { index, uses } of members) {
    all.functions.add(index);
    for (const key of ['functions', 'globals', 'data', 'elements'] as const) {
      for (const item of uses[key]) all[key].add(item);
    }
    all.table ||= uses.table;
  }
  return all;
}

function prologue(context: Context, unit: string): string {
  const traps = wasmTraps.map((trap) => `#define VM_TRAP_${trap.name} ${trap.code}`);
  return [
    `/* Generated by native/ from a WebAssembly module; unit ${unit}. */`,
    `#define VM_MEMORY_BASE 0x${context.options.memoryBase.toString(16)}ul`,
    ...traps,
    context.options.prologue ?? '#define VM_ACCESS',
    '#include "runtime.h"',
    '',
    '',
  ].join('\n');
}

/** Declarations of functions, in the order of the module. */
function prototypes(context: Context, uses: Uses): string {
  const indices = [...uses.functions].sort((a, b) => a - b);
  const lines = new Set(
    indices.map((index) => {
      const f = context.module.functions[index] as WasmFunction;
      const storage = f.import === null ? context.storage : 'extern ';
      return `${storage}${signatureText(f.type, context.names.functions[index] as string, [])};`;
    }),
  );
  return `${[...lines].join('\n')}\n`;
}

/** Declarations of what the data unit defines. */
function variables(context: Context, uses: Uses): string {
  const { module, names } = context;
  const lines = [...uses.globals].map(
    (index) =>
      `extern VM_ACCESS ${cTypes[module.globals[index]?.type ?? 'i']} ${names.globals[index]};`,
  );
  for (const index of uses.data) {
    lines.push(`extern const u8 data${index}[];`, `extern u8 data${index}_dropped;`);
    lines.push(`enum { data${index}_size = ${module.data[index]?.bytes.length ?? 0} };`);
  }
  for (const index of uses.elements) {
    lines.push(`extern const struct vm_function elements${index}[];`);
    lines.push(`extern u8 elements${index}_dropped;`);
    lines.push(
      `enum { elements${index}_size = ${module.elements[index]?.functions.length ?? 0} };`,
    );
  }
  if (uses.table) {
    lines.push(`extern ${context.tableConstant ? 'const ' : ''}struct vm_function vm_table[];`);
    lines.push(tableSize(context));
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function tableSize(context: Context): string {
  return `enum { vm_table_size = ${context.module.table?.min ?? 0} };`;
}

// ---- The unit of data ----

function dataUnit(context: Context, exports: EmittedModule['exports']): string {
  const { module, names, storage } = context;
  const lines: string[] = [];
  const pages = module.memory?.min ?? 0;
  lines.push(`u64 vm_memory_bytes = ${pages * wasmPageBytes}ul;`);
  lines.push(`u64 vm_memory_bytes_max = ${pages * wasmPageBytes}ul;`, '');
  module.globals.forEach((global, index) => {
    // An immutable global is a constant wherever it is read.
    if (global.mutable)
      lines.push(`${storage}VM_ACCESS ${cTypes[global.type]} ${names.globals[index]};`);
  });
  lines.push('', ...tableText(context), '', ...segmentTexts(context));
  lines.push(...initMemoryText(context), '', ...startText(context), '');
  for (const { symbol, function: f } of exports.values()) {
    lines.push(...entryText(context, symbol, f), '');
  }
  return `${lines.join('\n')}\n`;
}

function slotText(context: Context, index: number | null): string {
  if (index === null) return '{0, 0}';
  const f = context.module.functions[index] as WasmFunction;
  const signature = `0x${signatureNumber(f.type).toString(16)}ul`;
  return `{${signature}, (void (*)(void))${context.names.functions[index]}}`;
}

/**
 * An active segment that does not fit makes instantiation trap, after what stands before it has
 * been done.
 */
function fits(context: Context, segment: ElementSegment): boolean {
  const offset = Number(constantOf(context.module, segment.offset as never).bits);
  return offset + segment.functions.length <= (context.module.table?.min ?? 0);
}

function tableText(context: Context): string[] {
  const { module, storage, tableConstant } = context;
  if (module.table === null) return [];
  const slots = new Map<number, number | null>();
  for (const segment of module.elements) {
    if (segment.mode !== 'active' || segment.offset === null) continue;
    if (!fits(context, segment)) break;
    const offset = Number(constantOf(module, segment.offset).bits);
    segment.functions.forEach((f, i) => {
      slots.set(offset + i, f);
    });
  }
  const entries = [...slots].map(([slot, f]) => `  [${slot}] = ${slotText(context, f)},`);
  const size = Math.max(1, module.table.min);
  const constant = tableConstant ? 'const ' : '';
  return [
    tableSize(context),
    `${storage}${constant}struct vm_function vm_table[${size}] = {`,
    ...(entries.length === 0 ? ['  {0, 0},'] : entries),
    '};',
  ];
}

/** A segment that no instruction names needs neither a size nor a mark that it was dropped. */
function segmentTexts(context: Context): string[] {
  const { module, storage, uses } = context;
  const lines: string[] = [];
  module.data.forEach(({ bytes, mode }, index) => {
    const size = Math.max(1, bytes.length);
    const named = uses.data.has(index);
    const text = `const u8 data${index}[${size}] = ${bytesLiteral(bytes)};`;
    lines.push(`${named ? storage : 'static '}${text}`);
    if (!named) return;
    lines.push(`enum { data${index}_size = ${bytes.length} };`);
    lines.push(`${storage}u8 data${index}_dropped = ${mode === 'passive' ? 0 : 1};`);
  });
  module.elements.forEach(({ functions, mode }, index) => {
    if (!uses.elements.has(index)) return;
    const slots = functions.map((f) => slotText(context, f)).join(', ') || '{0, 0}';
    lines.push(`enum { elements${index}_size = ${functions.length} };`);
    lines.push(`${storage}const struct vm_function elements${index}[] = {${slots}};`);
    lines.push(`${storage}u8 elements${index}_dropped = ${mode === 'passive' ? 0 : 1};`);
  });
  return lines;
}

/** A table and a loop: AssemblyScript makes a segment of every string. */
function initMemoryText(context: Context): string[] {
  const { module } = context;
  const rows = module.data.flatMap(({ offset, bytes }, index) => {
    if (offset === null) return [];
    const to = literal('i', constantOf(module, offset).bits);
    return [`  {data${index}, ${bytes.length}, ${to}},`];
  });
  const lines = ['void vm_init_memory(void) {'];
  if (module.elements.some((s) => s.mode === 'active' && !fits(context, s))) {
    lines.push('  vm_trap(VM_TRAP_TABLE_OUT_OF_BOUNDS);');
  }
  if (rows.length === 0) return [...lines, '}'];
  return [
    'static const struct vm_segment segments[] = {',
    ...rows,
    '};',
    '',
    ...lines,
    `  for (u32 i = 0; i < ${rows.length}; i++)`,
    '    vm_memory_init(segments[i].bytes, segments[i].size, segments[i].to, 0, segments[i].size);',
    '}',
  ];
}

/** Globals get their first values here: a NaN is no constant expression in C. */
function startText(context: Context): string[] {
  const { module, names } = context;
  const lines = ['void vm_start(void) {'];
  module.globals.forEach((global, index) => {
    if (!global.mutable) return;
    const { type, bits } = constantOf(module, global.initial);
    lines.push(`  ${names.globals[index]} = ${literal(type, bits)};`);
  });
  if (module.start !== null) lines.push(`  ${names.functions[module.start]}();`);
  return [...lines, '}'];
}

function entryText(context: Context, symbol: string, f: WasmFunction): string[] {
  const index = context.module.functions.indexOf(f);
  const args = f.type.params.map((_, i) => `a${i}`);
  const call = `${context.names.functions[index]}(${args.join(', ')})`;
  const isMain = symbol === 'vm_main';
  const size = isMain && f.type.params[0] === 'i' ? ['  vm_memory_bytes = a0;'] : [];
  return [
    `${signatureText(f.type, symbol, args)} {`,
    ...size,
    ...(isMain ? ['  vm_start();'] : []),
    `  ${f.type.results.length > 0 ? 'return ' : ''}${call};`,
    '}',
  ];
}
