/**
 * The instructions whose rule is more than a table row: control, calls, locals and globals,
 * constants, and those that name a segment. One function a row; the key is the row's name in
 * tables/wasm_opcodes.
 */
import { cTypes, literal, resultText, signatureNumber } from './c_text.ts';
import type { Frame, FunctionEmitter } from './function_emitter.ts';
import { atom, operand, type Value } from './value_stack.ts';
import { constantOf, type FunctionType, readValueType, type ValueType } from './wasm_module.ts';
import type { WasmOpcode } from './wasm_opcode.ts';

type Special = (emitter: FunctionEmitter, opcode: WasmOpcode) => void;

export const specialInstructions: Readonly<Record<string, Special>> = {
  unreachable: (e) => {
    e.line('vm_trap(VM_TRAP_UNREACHABLE);');
    e.stop();
  },
  nop: () => {},
  block: (e) => openBlock(e, 'block'),
  loop: (e) => openBlock(e, 'loop'),
  if: openIf,
  else: (e) => {
    e.loopHead = null;
    e.elseArm();
  },
  end: (e) => e.endBlock(),
  br: branch,
  br_if: branchIf,
  br_table: branchTable,
  return: (e) => {
    const values = e.popAll(e.type.results);
    e.line(`return${values[0] ? ` ${values[0].c}` : ''};`);
    e.stop();
  },
  call,
  call_indirect: callIndirect,
  drop: (e) => {
    e.pop('?');
  },
  select: (e) => {
    const condition = e.pop('i');
    const second = e.pop('?');
    const first = e.pop(second.type);
    pushSelect(e, condition, first, second);
  },
  select_typed: (e) => {
    const types = e.reader.vector(() => readValueType(e.reader));
    if (types.length !== 1) e.reader.fail('invalid result arity');
    const condition = e.pop('i');
    const [first, second] = e.popAll([types[0], types[0]] as ValueType[]) as [Value, Value];
    pushSelect(e, condition, first, second);
  },
  'local.get': (e) => {
    const index = e.reader.u32();
    pushLocal(e, index, e.localType(index));
  },
  'local.set': (e) => {
    assignLocal(e);
  },
  'local.tee': (e) => {
    const index = assignLocal(e);
    pushLocal(e, index, e.localType(index));
  },
  'global.get': globalGet,
  'global.set': globalSet,
  'i32.const': (e) => e.constant('i'),
  'i64.const': (e) => e.constant('l'),
  'f32.const': (e) => e.constant('f'),
  'f64.const': (e) => e.constant('d'),
  'memory.init': memoryInit,
  'data.drop': (e) => {
    const segment = dataSegment(e);
    e.line(`data${segment}_dropped = 1;`);
  },
  'table.init': tableInit,
  'elem.drop': (e) => {
    const segment = elementSegment(e);
    e.line(`elements${segment}_dropped = 1;`);
  },
  'table.copy': tableCopy,
};

/** blocktype: nothing, one result, or the index of a function type. */
function readBlockType(e: FunctionEmitter): FunctionType {
  const start = e.reader.position;
  const code = e.reader.s33();
  if (code === -64) return { params: [], results: [] };
  if (code >= 0) return e.module.types[code] ?? e.reader.fail(`unknown type ${code}`);
  e.reader.position = start;
  return { params: [], results: [readValueType(e.reader)] };
}

function openBlock(e: FunctionEmitter, kind: 'block' | 'loop'): void {
  const { params, results } = readBlockType(e);
  const values = e.popAll(params).map((value) => e.settle(value));
  e.settleAllMentions();
  e.pushFrame(kind, params, results, values);
}

function openIf(e: FunctionEmitter): void {
  const { params, results } = readBlockType(e);
  const condition = e.pop('i');
  const values = e.popAll(params).map((value) => e.settle(value));
  e.settleAllMentions();
  e.loopHead = null;
  const frame = e.pushFrame('if', params, results, values);
  e.line(`if (!${operand(condition)}) goto E${frame.label};`);
}

function branch(e: FunctionEmitter): void {
  const frame = e.branchTarget(e.reader.u32());
  const values = e.popAll(e.branchTypes(frame));
  e.loopHead = null;
  for (const text of e.branch(frame, values)) e.line(text);
  e.stop();
}

/**
 * The operands of a conditional branch stay on the stack, so they are used twice: settle what is
 * not a name.
 */
function popBranchValues(e: FunctionEmitter, frame: Frame): Value[] {
  return e.popAll(e.branchTypes(frame)).map((value) => (value.atomic ? value : e.settle(value)));
}

function branchIf(e: FunctionEmitter): void {
  const frame = e.branchTarget(e.reader.u32());
  const condition = e.pop('i');
  const values = popBranchValues(e, frame);
  e.loopHead = null;
  const texts = e.branch(frame, values);
  e.line(`if (${condition.c}) ${texts.length === 1 ? texts[0] : `{ ${texts.join(' ')} }`}`);
  for (const value of values) e.push(value);
}

function branchTable(e: FunctionEmitter): void {
  const depths = e.reader.vector(() => e.reader.u32());
  depths.push(e.reader.u32());
  const targets = depths.map((depth) => e.branchTarget(depth));
  const last = targets[targets.length - 1] as Frame;
  const index = e.settle(e.pop('i'));
  const values = checkTargets(e, targets, last);
  const jump = e.dispatch(index, targets);
  e.loopHead = null;
  if (jump !== null) e.line(jump);
  else switchText(e, index, targets, values);
  e.stop();
}

/**
 * Every target must take the operands, which may be of unknown type after an unconditional branch.
 */
function checkTargets(e: FunctionEmitter, targets: readonly Frame[], last: Frame): Value[] {
  const arity = e.branchTypes(last).length;
  for (const target of new Set(targets)) {
    const types = e.branchTypes(target);
    if (types.length !== arity) e.reader.fail('type mismatch: br_table targets of different arity');
    e.checkOperands(types);
  }
  return popBranchValues(e, last);
}

function switchText(
  e: FunctionEmitter,
  index: Value,
  targets: readonly Frame[],
  values: readonly Value[],
): void {
  const cases = new Map<Frame, string[]>();
  targets.forEach((target, i) => {
    const text = i === targets.length - 1 ? 'default:' : `case ${i}:`;
    const same = cases.get(target);
    if (same === undefined) cases.set(target, [text]);
    else same.push(text);
  });
  const arms = [...cases].map(([target, labels]) => [...labels, ...e.branch(target, values)]);
  e.line(`switch (${index.c}) {`);
  for (const arm of arms) e.line(`  ${arm.join(' ')}`);
  e.line('}');
}

function pushCall(e: FunctionEmitter, type: FunctionType, callee: string, args: Value[]): void {
  const c = `${callee}(${args.map((value) => value.c).join(', ')})`;
  if (type.results.length > 1) e.reader.fail('functions of several results are not supported');
  const result = type.results[0];
  if (result === undefined) e.line(`${c};`);
  else e.push(e.temporary(result, c));
}

function call(e: FunctionEmitter): void {
  const index = e.reader.u32();
  const callee = e.module.functions[index] ?? e.reader.fail(`unknown function ${index}`);
  const args = e.popAll(callee.type.params);
  if (e.live) e.uses.functions.add(index);
  pushCall(e, callee.type, e.names.functions[index] as string, args);
}

function callIndirect(e: FunctionEmitter): void {
  const typeIndex = e.reader.u32();
  const type = e.module.types[typeIndex] ?? e.reader.fail(`unknown type ${typeIndex}`);
  if (e.reader.u32() !== 0 || e.module.table === null) e.reader.fail('unknown table');
  const index = e.pop('i');
  const args = e.popAll(type.params);
  e.uses.table = true;
  const params = type.params.map((param) => cTypes[param]);
  const pointer = `${resultText(type)} (*)(${params.join(', ') || 'void'})`;
  const signature = `0x${signatureNumber(type).toString(16)}ul`;
  const target = `vm_indirect(vm_table, vm_table_size, ${index.c}, ${signature})`;
  pushCall(e, type, `((${pointer})${target})`, args);
}

function pushSelect(e: FunctionEmitter, condition: Value, first: Value, second: Value): void {
  if (first.type !== second.type && first.type !== '?' && second.type !== '?') {
    e.reader.fail('type mismatch: operands of select');
  }
  const values = [condition, first, second];
  e.push({
    type: first.type === '?' ? second.type : first.type,
    c: `${operand(condition)} ? ${operand(first)} : ${operand(second)}`,
    atomic: false,
    locals: values.flatMap((value) => value.locals),
    constant: null,
  });
}

function pushLocal(e: FunctionEmitter, index: number, type: ValueType): void {
  const c = e.localNames[index] as string;
  e.push({ type, c, atomic: true, locals: [index], constant: null });
}

function assignLocal(e: FunctionEmitter): number {
  const index = e.reader.u32();
  const value = e.pop(e.localType(index));
  e.settleMentions(index);
  e.line(`${e.localNames[index]} = ${value.c};`);
  return index;
}

/** An immutable global is the constant that it was made with. */
function globalGet(e: FunctionEmitter): void {
  const index = e.reader.u32();
  const global = e.module.globals[index] ?? e.reader.fail(`unknown global ${index}`);
  if (!global.mutable) {
    const { type, bits } = constantOf(e.module, global.initial);
    e.push(atom(type, literal(type, bits), type === 'i' ? Number(bits) : null));
    return;
  }
  e.uses.globals.add(index);
  e.push(e.temporary(global.type, e.names.globals[index] as string));
}

function globalSet(e: FunctionEmitter): void {
  const index = e.reader.u32();
  const global = e.module.globals[index] ?? e.reader.fail(`unknown global ${index}`);
  if (!global.mutable) e.reader.fail(`immutable global ${index}`);
  e.uses.globals.add(index);
  const value = e.pop(global.type);
  e.line(`${e.names.globals[index]} = ${value.c};`);
}

function dataSegment(e: FunctionEmitter): number {
  const segment = e.reader.u32();
  if (e.module.dataCount === null) e.reader.fail('data count section required');
  if (segment >= (e.module.dataCount ?? 0)) e.reader.fail(`unknown data segment ${segment}`);
  e.uses.data.add(segment);
  return segment;
}

function memoryInit(e: FunctionEmitter): void {
  const segment = dataSegment(e);
  if (e.module.memory === null) e.reader.fail('unknown memory 0');
  if (e.reader.u8() !== 0) e.reader.fail('unknown memory');
  const [to, from, count] = e.popAll(['i', 'i', 'i']).map((value) => value.c);
  const size = `data${segment}_dropped ? 0 : data${segment}_size`;
  e.line(`vm_memory_init(data${segment}, ${size}, ${to}, ${from}, ${count});`);
}

function elementSegment(e: FunctionEmitter): number {
  const segment = e.reader.u32();
  if (segment >= e.module.elements.length) e.reader.fail(`unknown elem segment ${segment}`);
  e.uses.elements.add(segment);
  return segment;
}

function tableInit(e: FunctionEmitter): void {
  const segment = elementSegment(e);
  if (e.reader.u32() !== 0 || e.module.table === null) e.reader.fail('unknown table');
  e.uses.table = true;
  const [to, from, count] = e.popAll(['i', 'i', 'i']).map((value) => value.c);
  const source = `elements${segment}, elements${segment}_dropped ? 0 : elements${segment}_size`;
  e.line(`vm_table_init(vm_table, vm_table_size, ${source}, ${to}, ${from}, ${count});`);
}

function tableCopy(e: FunctionEmitter): void {
  if (e.reader.u32() !== 0 || e.reader.u32() !== 0 || e.module.table === null) {
    e.reader.fail('unknown table');
  }
  e.uses.table = true;
  const [to, from, count] = e.popAll(['i', 'i', 'i']).map((value) => value.c);
  e.line(`vm_table_copy(vm_table, vm_table_size, ${to}, ${from}, ${count});`);
}
