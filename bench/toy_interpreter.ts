/**
 * A toy interpreter in AssemblyScript, in the form that architecture D9 gives the VM's (arms are
 * `pc = op(pc)`, the reduction counter is a local, the rest of the state is in globals), with 250
 * arms of which fib(N) uses ten. It is what bench/dispatch measures and what native/build.test
 * builds.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const armCount = 250;

const state = `
let heapTop: usize = 0x200000;
let stackTop: usize = 0x180000;
let continuation: u64 = 0;
@inline function x(word: u32): usize { return 1024 + (word >> 4); }
@inline function readSource(word: u32): u64 {
  const tag = word & 15;
  if (tag == 0) return load<u64>(x(word));
  if (tag == 1) return load<u64>(stackTop + (word >> 4));
  return (<u64>(<i32>word >> 4) << 4) | 15;
}
@inline function writeDestination(word: u32, term: u64): void {
  if ((word & 15) == 0) store<u64>(x(word), term); else store<u64>(stackTop + (word >> 4), term);
}
@inline function bothSmall(a: u64, b: u64): bool { return (a & b & 15) == 15; }
function slow(pc: usize, a: u64, b: u64): u64 {
  heapTop += 8;
  store<u64>(heapTop, a ^ b);
  return 15;
}
`;

const usedOps = [
  `function op0(pc: usize): usize { // is_lt fail a b
  const a = readSource(load<u32>(pc, 8)), b = readSource(load<u32>(pc, 12));
  if (bothSmall(a, b) ? <i64>a < <i64>b : slow(pc, a, b) == 31) return pc + 16;
  return load<u32>(pc, 4);
}`,
  `function op1(pc: usize): usize { // return
  const to = <usize>continuation;
  return to;
}`,
  `function op2(pc: usize): usize { // allocate words
  const words = load<u32>(pc, 4);
  if (stackTop - words < heapTop - 0x100000) return 0;
  stackTop -= words;
  store<u64>(stackTop + words - 8, continuation);
  return pc + 8;
}`,
  `function op3(pc: usize): usize { // move from to
  writeDestination(load<u32>(pc, 8), readSource(load<u32>(pc, 4)));
  return pc + 12;
}`,
  `function op4(pc: usize): usize { // sub a b to
  const a = readSource(load<u32>(pc, 4)), b = readSource(load<u32>(pc, 8));
  let r: u64;
  if (bothSmall(a, b)) {
    r = a - b;
    r = (<i64>(a ^ b) < 0 && <i64>(a ^ r) < 0) ? slow(pc, a, b) : r + 15;
  } else r = slow(pc, a, b);
  writeDestination(load<u32>(pc, 12), r);
  return pc + 16;
}`,
  `function op5(pc: usize): usize { // add a b to
  const a = readSource(load<u32>(pc, 4)), b = readSource(load<u32>(pc, 8));
  let r: u64;
  if (bothSmall(a, b)) {
    r = a + b - 15;
    r = (<i64>((a ^ r) & (b ^ r)) < 0) ? slow(pc, a, b) : r;
  } else r = slow(pc, a, b);
  writeDestination(load<u32>(pc, 12), r);
  return pc + 16;
}`,
  `function op6(pc: usize): usize { // call label
  continuation = pc + 8;
  return load<u32>(pc, 4);
}`,
  `function op7(pc: usize): usize { // deallocate words
  const words = load<u32>(pc, 4);
  continuation = load<u64>(stackTop + words - 8);
  stackTop += words;
  return pc + 8;
}`,
  `function op8(pc: usize): usize { // jump label
  return load<u32>(pc, 4);
}`,
];

/** Arms that fib does not reach: each different, so that neither compiler merges them. */
function otherOp(i: number): string {
  return `function op${i}(pc: usize): usize {
  let a = readSource(load<u32>(pc, 4));
  for (let k: u64 = 0; k < ${i}; k++)
    a = (a * ${i * 2 + 1}) ^ load<u64>(heapTop + (<usize>a & ${i * 8}));
  writeDestination(load<u32>(pc, 8), a + ${i});
  heapTop += ${i * 8};
  if (a == ${i}) return load<u32>(pc, 12);
  return pc + 16;
}`;
}

function source(): string {
  const ops = [
    ...usedOps,
    ...Array.from({ length: armCount - usedOps.length }, (_, i) => otherOp(i + usedOps.length)),
  ];
  const yieldCheck = ' if (--reds < load<i32>(64)) return pc;';
  const arms = ops.map(
    (_, i) => `      case ${i}: { pc = op${i}(pc);${i === 6 ? yieldCheck : ''} break; }`,
  );
  return `${state}
${ops.join('\n')}
function run(start: usize): usize {
  let pc = start;
  let reds: i32 = 4000;
  while (true) {
    switch (load<u32>(pc)) {
${arms.join('\n')}
      default: return 0;
    }
  }
  return 0;
}
${program}
`;
}

/** fib/1 as a BEAM compiler would write it, at 0x1000; a final opcode 1000 ends the run. */
const program = `
@inline const N: u32 = 15; // tag of a constant operand
let at: usize = 0;
function emit(word: u32): void { store<u32>(at, word); at += 4; }
export function fib(n: i32): i32 {
  const x0: u32 = 0, x1: u32 = 8 << 4, y0: u32 = 1;
  const code: u32 = 0x10000, fib: u32 = code + 16, clause2: u32 = fib + 20;
  at = code;
  emit(6); emit(fib); emit(1000); emit(0);
  emit(0); emit(clause2); emit(x0); emit((2 << 4) | N); emit(1);
  emit(2); emit(16);
  emit(3); emit(x0); emit(y0);
  emit(4); emit(x0); emit((1 << 4) | N); emit(x0);
  emit(6); emit(fib);
  emit(3); emit(y0); emit(x1);
  emit(3); emit(x0); emit(y0);
  emit(4); emit(x1); emit((2 << 4) | N); emit(x0);
  emit(6); emit(fib);
  emit(5); emit(y0); emit(x0); emit(x0);
  emit(7); emit(16);
  emit(1);
  store<u64>(1024, (<u64>n << 4) | 15);
  stackTop = 0x180000;
  let pc = code;
  while (pc != 0) pc = run(pc);
  return <i32>(<i64>load<u64>(1024) >> 4);
}
`;

/** The toy as a Wasm module; takes asc a few seconds. */
export function compileToy(level: 1 | 3): Uint8Array {
  const dir = mkdtempSync(join(tmpdir(), 'vbeam-toy-'));
  try {
    writeFileSync(join(dir, 'toy.ts'), source());
    const asc = fileURLToPath(
      new URL('../node_modules/assemblyscript/bin/asc.js', import.meta.url),
    );
    const flags = [`-O${level}`, '--runtime', 'stub', '--noAssert', '--debug', '--use', 'abort='];
    const memory = ['--initialMemory', '64', '--maximumMemory', '65536', '--memoryBase', '16384'];
    const args = [asc, 'toy.ts', ...flags, ...memory, '--importMemory', '--outFile', 'toy.wasm'];
    const asced = spawnSync(process.execPath, args, {
      cwd: dir,
      encoding: 'utf8',
      timeout: 300_000,
    });
    if (asced.status !== 0) throw new Error(`asc failed:\n${asced.stdout}${asced.stderr}`);
    return readFileSync(join(dir, 'toy.wasm'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
