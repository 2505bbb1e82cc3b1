/**
 * Which form of an interpreter's dispatch is fastest in C: fib(32) on the toy interpreter, natively
 * in the three forms of native/function_emitter and in V8. CPU time, minimum of interleaved runs
 * (architecture D13).
 *
 *   node --import tsx bench/dispatch.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildVmObjects } from '../native/build.ts';
import type { DispatchForm } from '../native/function_emitter.ts';
import { virtual } from '../tables/memory_map.ts';
import { compileToy } from './toy_interpreter.ts';

const forms: readonly DispatchForm[] = ['switch', 'goto', 'threaded'];
const n = 32;
const expected = 2178309;
const rounds = 8;
const dir = fileURLToPath(new URL('../build/bench', import.meta.url));

const driver = `#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
void vm_init_memory(void), vm_start(void);
unsigned vm_export_fib(unsigned);
void vm_trap(unsigned code) { fprintf(stderr, "trap %u\\n", code); exit(1); }
static double cpu_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}
int main(void) {
  void *base = (void *)0x${virtual.linearMemoryLinux.toString(16)}ul;
  if (mmap(base, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) return 1;
  vm_init_memory();
  vm_start();
  double start = cpu_ms();
  unsigned result = vm_export_fib(${n});
  printf("%u %f\\n", result, cpu_ms() - start);
}
`;

async function buildForm(wasm: Uint8Array, dispatch: DispatchForm): Promise<string> {
  const cacheDir = join(dir, 'objects');
  const objects = await buildVmObjects({ wasm, target: 'linux', optimise: 2, cacheDir, dispatch });
  const program = join(dir, `toy-${dispatch}`);
  const own = objects.filter((o) => o.name !== 'data').map((o) => o.path);
  const data = objects.filter((o) => o.name === 'data').map((o) => o.path);
  const source = join(dir, 'driver.c');
  // The data unit has memcpy of its own; the C library's calls inside itself stay its own.
  execFileSync('clang', ['-O1', '-w', '-no-pie', source, ...own, ...data, '-o', program]);
  return program;
}

function timeNative(program: string): number {
  const [result, ms] = execFileSync(program, { encoding: 'utf8' }).split(' ');
  if (Number(result) !== expected) throw new Error(`${program}: fib(${n}) = ${result}`);
  return Number(ms);
}

function timeV8(fib: (n: number) => number): number {
  const before = process.cpuUsage();
  if (fib(n) !== expected) throw new Error('V8: wrong result');
  return process.cpuUsage(before).user / 1000;
}

async function main(): Promise<void> {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'driver.c'), driver);
  const wasm = compileToy(3);
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } });
  const fib = instance.exports.fib as (n: number) => number;
  const programs = new Map<string, string>();
  for (const form of forms) programs.set(form, await buildForm(wasm, form));
  const best = new Map<string, number>();
  const record = (what: string, ms: number) => best.set(what, Math.min(ms, best.get(what) ?? ms));
  for (let round = 0; round < rounds; round++) {
    for (const [form, program] of programs) record(`clang -O2, ${form}`, timeNative(program));
    record('V8', timeV8(fib));
  }
  console.log(
    `fib(${n}) on an interpreter of 250 arms, CPU time, minimum of ${rounds} interleaved runs`,
  );
  for (const [what, ms] of best) console.log(`${what.padEnd(24)} ${ms.toFixed(1).padStart(8)} ms`);
  for (const form of forms) {
    console.log(`figure toy_dispatch_${form} ${best.get(`clang -O2, ${form}`)?.toFixed(1)} ms`);
  }
}

await main();
