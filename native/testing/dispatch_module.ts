/**
 * For tests: an interpreter as a WebAssembly module, made to measure. `run(start, steps)` executes
 * 32-bit opcodes from memory; each arm sits in a block of its own, as a compiler writes a big
 * `switch`, and changes an accumulator in a way of its own. The br_table may have more entries than
 * there are arms. Written as bytes, because text assemblers (wabt, Binaryen) fail on a few hundred
 * nested blocks.
 */
import { Rng } from './random.ts';

export interface DispatchShape {
  readonly arms: number;
  readonly tableEntries: number;
  readonly seed: number;
  /** The opcode is the first byte of its word instead of the whole word. */
  readonly byteOpcodes?: boolean;
}

const codeWords = 4096;
const codeStart = 65536;

type Bytes = readonly number[];

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    const low = rest & 0x7f;
    if ((rest >> 6 === 0 && low < 0x40) || (rest >> 6 === -1 && low >= 0x40))
      return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

const i32 = (value: number): Bytes => [0x41, ...signed(value)];
const i64 = (value: number): Bytes => [0x42, ...signed(value)];
const get = (local: number): Bytes => [0x20, local];
const set = (local: number): Bytes => [0x21, local];
const loadI64: Bytes = [0x29, 3, 0];
const storeI64: Bytes = [0x37, 3, 0];

/** Locals of run. */
const pc = 0;
const steps = 1;
const accumulator = 2;

/**
 * Arm `arm` of `arms`: after its own end there are `arms - 1 - arm` arm blocks, the loop, and the
 * block around it.
 */
function armBytes(arm: number, arms: number): number[] {
  const odd = arm * 2 + 1;
  const cell = 2048 + (arm % 64) * 8;
  const value: Bytes = get(accumulator);
  const changes: readonly Bytes[] = [
    [...value, ...i64(odd), 0x7c],
    [...value, ...i64(odd), 0x7e],
    [...value, ...get(pc), 0xad, 0x85],
    [...value, ...i64(arm % 64), 0x89],
    [...i32(cell), ...loadI64, ...value, 0x7d],
  ];
  const store = arm % 7 === 0 ? [...i32(cell), ...value, ...storeI64] : [];
  // Some arms jump to where the accumulator says; the others go to the next word, and the code is a
  // ring.
  const jump: Bytes = [...value, 0xa7, ...i32(2), 0x74];
  const next: Bytes = [...get(pc), ...i32(codeStart - 4), 0x6b];
  const place = [...(arm % 11 === 0 ? jump : next), ...i32(codeWords * 4 - 4), 0x71];
  const loop = arms - 1 - arm;
  return [
    ...(changes[arm % 5] as Bytes),
    ...set(accumulator),
    ...store,
    ...place,
    ...i32(codeStart),
    ...[0x6a, ...set(pc)],
    ...[...get(steps), ...i32(1), 0x6b, 0x22, steps],
    ...[0x0d, ...unsigned(loop)],
    ...[0x0c, ...unsigned(loop + 1)],
  ];
}

function runBody({ arms, tableEntries, seed, byteOpcodes }: DispatchShape): Bytes {
  const random = new Rng(seed);
  const targets = Array.from({ length: tableEntries }, (_, i) =>
    i < arms ? i : random.below(arms),
  );
  const body: number[] = [1, 1, 0x7e, 0x02, 0x40, 0x03, 0x40];
  for (let i = 0; i < arms; i++) body.push(0x02, 0x40);
  const load = byteOpcodes ? [0x2d, 0, 0] : [0x28, 2, 0];
  body.push(...get(pc), ...load, 0x0e, ...unsigned(tableEntries));
  for (const target of targets) body.push(...unsigned(target));
  body.push(...unsigned(arms - 1));
  for (let arm = 0; arm < arms; arm++) body.push(0x0b, ...armBytes(arm, arms));
  // The ends of the loop, of the block, and of the function.
  body.push(0x0b, 0x0b, ...get(accumulator), 0x0b);
  return body;
}

function section(id: number, content: Bytes): number[] {
  return [id, ...unsigned(content.length), ...content];
}

const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)];

/** Opcodes; a few are past the end of the table. */
function codeBytes({ tableEntries, seed }: DispatchShape): number[] {
  const random = new Rng(seed + 1000);
  return Array.from({ length: codeWords }, () => random.below(tableEntries + 4)).flatMap((word) => [
    word & 255,
    word >> 8,
    0,
    0,
  ]);
}

export function dispatchModule(shape: DispatchShape): Uint8Array {
  const body = runBody(shape);
  const data = codeBytes(shape);
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 1, 0x7e]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 2]),
    ...section(7, [2, ...text('memory'), 2, 0, ...text('run'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
    ...section(11, [1, 0, ...i32(codeStart), 0x0b, ...unsigned(data.length), ...data]),
  ]);
}
