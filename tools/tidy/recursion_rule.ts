/**
 * No recursion in vm/ (architecture D6): the direct calls of the built Wasm module form no cycle,
 * and indirect calls, which this check cannot follow, exist only in the functions listed here.
 */
import { decodeModule, type WasmModule } from '../../native/wasm_module.ts';
import { readOpcode, type WasmOpcode } from '../../native/wasm_opcode.ts';
import type { WasmReader } from '../../native/wasm_reader.ts';
import { buildVm } from '../build_vm.ts';
import type { Violation } from './source_files.ts';

type SkipImmediate = (reader: WasmReader) => void;

const skipU32s =
  (count: number): SkipImmediate =>
  (reader) => {
    for (let i = 0; i < count; i++) reader.u32();
  };

/** How to step over the immediates of an instruction, by the column of tables/wasm_opcodes. */
const skippers: Readonly<Record<WasmOpcode['immediate'], SkipImmediate>> = {
  none: () => {},
  blockType: (reader) => reader.s33(),
  label: skipU32s(1),
  labels: (reader) => {
    reader.vector(() => reader.u32());
    reader.u32();
  },
  function: skipU32s(1),
  typeAndTable: skipU32s(2),
  local: skipU32s(1),
  global: skipU32s(1),
  access: skipU32s(2),
  memory: skipU32s(1),
  memoryMemory: skipU32s(2),
  dataMemory: skipU32s(2),
  data: skipU32s(1),
  elementTable: skipU32s(2),
  element: skipU32s(1),
  tableTable: skipU32s(2),
  zeroByte: (reader) => reader.u8(),
  types: (reader) => reader.vector(() => reader.u8()),
  i32: (reader) => reader.s32(),
  i64: (reader) => reader.s64(),
  f32: (reader) => reader.f32Bits(),
  f64: (reader) => reader.f64Bits(),
};

interface Calls {
  readonly direct: number[];
  indirect: boolean;
}

function callsOf(module: WasmModule, index: number): Calls {
  const calls: Calls = { direct: [], indirect: false };
  const body = module.functions[index]!.body;
  if (!body) return calls;
  const reader = body.sub(body.end - body.position);
  body.position = reader.position;
  reader.vector(() => [reader.u32(), reader.u8()]);
  while (!reader.atEnd) {
    const opcode = readOpcode(reader);
    if (opcode.name === 'call_indirect') calls.indirect = true;
    if (opcode.immediate === 'function') calls.direct.push(reader.u32());
    else skippers[opcode.immediate](reader);
  }
  return calls;
}

/**
 * Cycles of a graph: its strongly connected components that are not single nodes without a loop.
 */
export function cycles(edges: readonly (readonly number[])[]): number[][] {
  const order = new Array<number>(edges.length).fill(0);
  const low = new Array<number>(edges.length).fill(0);
  const onStack = new Set<number>();
  const stack: number[] = [];
  const found: number[][] = [];
  let next = 1;
  const visit = (node: number): void => {
    order[node] = low[node] = next++;
    stack.push(node);
    onStack.add(node);
    for (const target of edges[node]!) {
      if (!order[target]) visit(target);
      if (onStack.has(target)) low[node] = Math.min(low[node]!, low[target]!);
    }
    if (low[node] !== order[node]) return;
    const component = stack.splice(stack.indexOf(node));
    for (const each of component) onStack.delete(each);
    if (component.length > 1 || edges[node]!.includes(node)) found.push(component);
  };
  for (let node = 0; node < edges.length; node++) if (!order[node]) visit(node);
  return found;
}

/** Where indirect calls may be, and why none of them leads back to its caller. */
const indirectCallers: readonly { readonly name: RegExp; readonly why: string }[] = [
  {
    name: /^vm\/(interp\/|gen\/dispatch\/run$)/,
    why: 'BIFs, which return to the interpreter and never call it',
  },
  { name: /^vm\/ops\//, why: 'BIFs allowed in guards' },
  {
    name: /^vm\/ets\/match_run\/(evaluate|call)$/,
    why: 'BIFs allowed in guards; they know no tables',
  },
  { name: /^vm\/off_heap\/releaseResource$/, why: 'destructors, which release no holder' },
];

const nameOf = (module: WasmModule, index: number) =>
  module.functions[index]?.name ?? `function ${index}`;

export async function recursionViolations(): Promise<Violation[]> {
  const { wasm } = await buildVm({ level: 1 });
  const module = decodeModule(wasm);
  const calls = module.functions.map((_, index) => callsOf(module, index));
  const found = cycles(calls.map((each) => each.direct)).map((cycle) => {
    const names = cycle.map((index) => nameOf(module, index)).sort();
    return { path: 'vm', line: 0, text: `recursion: ${names.join(', ')}` };
  });
  for (const [index, each] of calls.entries()) {
    const name = nameOf(module, index);
    if (each.indirect && !indirectCallers.some((caller) => caller.name.test(name)))
      found.push({ path: 'vm', line: 0, text: `indirect call in ${name}` });
  }
  return found;
}
