/**
 * The clang build: what the objects define and need, that both targets link and run, and that the
 * cache works.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import wabtInit from 'wabt';
import { virtual } from '../tables/memory_map.ts';
import { wasmTraps } from '../tables/wasm_traps.ts';
import { buildVmObjects, commonFlags, type NativeObject, runtimeDir } from './build.ts';

const wabt = await wabtInit();
const dir = mkdtempSync(join(tmpdir(), 'vbeam-build-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/**
 * Functions with names of several source files, a table, data, imports, and memory instructions of
 * variable length.
 */
function moduleText(answer: number): string {
  return `(module (import "env" "memory" (memory 2 65536))
  (import "host" "debugWrite" (func $write (param i32 i32)))
  (import "host" "power" (func $power (param i32)))
  (import "host" "now" (func $now (result i64)))
  (data (i32.const 16384) "Hello from Wasm\\n") (global $calls (mut i32) (i32.const 0))
  (type $f (func (param i32) (result i32))) (table 2 funcref) (elem (i32.const 0) $vm/a/double $vm/b/answer)
  (func $vm/a/double (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
  (func $vm/b/answer (param i32) (result i32) (i32.add (local.get 0) (i32.const ${answer})))
  (func $vm/c/copy (param i32) (memory.copy (i32.const 20000) (i32.const 16384) (local.get 0))
    (memory.copy (i32.const 20003) (i32.const 20000) (local.get 0)) (memory.fill (i32.const 20001) (i32.const 46) (i32.const 2))
    (drop (call $now)))
  (start $vm/d/start) (func $vm/d/start (global.set $calls (i32.const 10)))
  (func $vm/e/main (export "main") (param $bytes i32) (param $archive i32) (param $length i32)
    (call $vm/c/copy (local.get $length))
    (call $write (i32.const 20000) (i32.add (local.get $length) (i32.const 3)))
    (call $power (i32.add (i32.add (memory.size) (global.get $calls))
      (i32.add (call_indirect (type $f) (local.get $archive) (i32.const 0))
        (call_indirect (type $f) (local.get $archive) (i32.const 1)))))))`;
}

function assemble(answer: number): Uint8Array {
  const parsed = wabt.parseWat('build.wat', moduleText(answer), { bulk_memory: true });
  try {
    return parsed.toBinary({ write_debug_names: true }).buffer;
  } finally {
    parsed.destroy();
  }
}

const cacheDir = join(dir, 'cache');

async function build(
  target: 'metal' | 'linux',
  answer = 1,
): Promise<{ objects: NativeObject[]; compiled: string[] }> {
  const compiled: string[] = [];
  const objects = await buildVmObjects({
    wasm: assemble(answer),
    target,
    optimise: 2,
    cacheDir,
    onUnit: ({ name, cached }) => {
      if (!cached) compiled.push(name);
    },
  });
  return { objects, compiled };
}

function symbols(objects: readonly NativeObject[], flag: string): string[] {
  const text = execFileSync('nm', [flag, '-P', ...objects.map((o) => o.path)], {
    encoding: 'utf8',
  });
  const names = text.split('\n').filter((line) => line !== '' && !line.endsWith(':'));
  return [...new Set(names.map((line) => line.split(' ')[0] as string))].sort();
}

test('the objects define the entry points and need only vm_trap and the imports', async () => {
  const { objects } = await build('metal');
  const defined = new Set(symbols(objects, '--defined-only'));
  const entries = [
    'vm_init_memory',
    'vm_start',
    'vm_main',
    'vm_memory_bytes',
    'vm_memory_bytes_max',
  ];
  for (const name of [...entries, 'memcpy', 'memmove', 'memset'])
    assert.ok(defined.has(name), name);
  const needed = symbols(objects, '--undefined-only').filter((name) => !defined.has(name));
  assert.deepEqual(needed, ['host_debugWrite', 'host_now', 'host_power', 'vm_trap']);
});

test('metal code is position dependent code for the top 2 GiB with absolute 32-bit signed relocations', async () => {
  const { objects } = await build('metal');
  const text = execFileSync('readelf', ['-rW', ...objects.map((o) => o.path)], {
    encoding: 'utf8',
  });
  const types = new Set([...text.matchAll(/R_X86_64_\w+/g)].map(([type]) => type));
  const allowed = [
    'R_X86_64_32S',
    'R_X86_64_64',
    'R_X86_64_PC32',
    'R_X86_64_PLT32',
    'R_X86_64_PC64',
  ];
  for (const type of types) assert.ok(allowed.includes(type), `${type} is for the linker`);
});

test('a change of one function compiles its unit only, and nothing changed compiles nothing', async () => {
  await build('linux', 1);
  assert.deepEqual((await build('linux', 1)).compiled, []);
  assert.equal((await build('linux', 2)).compiled.length, 1);
  assert.deepEqual((await build('linux', 1)).compiled, []);
});

/** The host layer of this test: system calls instead of a C library. */
const hostLayer = `
typedef unsigned int u32; typedef unsigned long u64;
extern void vm_init_memory(void), vm_main(u32, u32, u32);
static long call(long n, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
void vm_trap(u32 code) { call(231, 100 + code, 0, 0, 0, 0, 0); for (;;) ; }
void host_power(u32 status) { call(231, status, 0, 0, 0, 0, 0); }
void host_debugWrite(u32 at, u32 length) { call(1, 1, BASE + at, length, 0, 0, 0); }
u64 host_now(void) { return 0; }
__attribute__((force_align_arg_pointer)) void _start(void) {
  if (call(9, BASE, 0x80000, 3, 0x32, -1, 0) != BASE) vm_trap(99);
  vm_init_memory();
  vm_main(0x80000, 21, 16);
}`;

test('the Linux objects run without a C library', async () => {
  const { objects } = await build('linux');
  const source = join(dir, 'host.c');
  writeFileSync(
    source,
    hostLayer.replaceAll('BASE', `0x${virtual.linearMemoryLinux.toString(16)}l`),
  );
  const program = join(dir, 'program');
  const flags = ['-O1', '-w', '-ffreestanding', '-fno-pic', '-no-pie', '-nostdlib', '-static'];
  execFileSync('clang', [...flags, source, ...objects.map((o) => o.path), '-o', program]);
  let status = 0;
  let stdout = '';
  try {
    stdout = execFileSync(program, { encoding: 'utf8' });
  } catch (error) {
    const failed = error as { status: number; stdout: string };
    ({ status, stdout } = failed);
  }
  // 8 pages, 10 from the start function, 21 doubled, 21 + 1; the overlapping copy shifts the text
  // by three.
  assert.equal(status, 8 + 10 + 42 + 22);
  assert.equal(stdout, 'H..Hello from Wasm\n');
});

/** The runtime header's memory functions under other names, against loops over bytes. */
const memoryTest = `
#include <stdio.h>
#define VM_MEMORY_BASE 0ul
#define VM_ACCESS
#define VM_DEFINE_MEMORY_FUNCTIONS
#define memcpy own_memcpy
#define memmove own_memmove
#define memset own_memset
#define memcmp own_memcmp
TRAPS
#include "runtime.h"
u64 vm_memory_bytes, vm_memory_bytes_max;
void vm_trap(u32 code) { for (;;) ; }
static u8 actual[4096], expected[4096], old[4096];
static u32 seed = 1;
static u32 random_below(u32 limit) {
  seed = seed * 1664525 + 1013904223;
  return (u32)(((u64)seed * limit) >> 32);
}
int main(void) {
  for (u32 round = 0; round < 60000; round++) {
    u32 large = round % 8 == 0, count = random_below(large ? 1400 : 70);
    u32 to = random_below(2000), from = large ? random_below(2000) : to + random_below(140) - 70;
    if (from > 2000) from = 0;
    for (u32 i = 0; i < 4096; i++) actual[i] = expected[i] = old[i] = (u8)(i * 7 + round);
    u32 kind = round % 3, apart = from + count <= to || to + count <= from;
    if (kind == 0 && !apart) kind = 1;
    for (volatile u32 i = 0; i < count; i++) expected[to + i] = kind == 2 ? (u8)round : old[from + i];
    void *result = kind == 0   ? own_memcpy(actual + to, actual + from, count)
                   : kind == 1 ? own_memmove(actual + to, actual + from, count)
                               : own_memset(actual + to, (int)round, count);
    if (result != actual + to) return 2;
    for (u32 i = 0; i < 4096; i++) if (actual[i] != expected[i]) {
      printf("kind %u to %u from %u count %u at %u", kind, to, from, count, i);
      return 1;
    }
    int same = own_memcmp(actual, old, 4096), position = 0;
    while (position < 4096 && actual[position] == old[position]) position++;
    int right = position == 4096 ? 0 : actual[position] < old[position] ? -1 : 1;
    if (same != right) return 3;
  }
  puts("right");
  return 0;
}`;

test('memcpy, memmove, memset and memcmp move and compare every byte', () => {
  const source = join(dir, 'memory.c');
  const traps = wasmTraps.map((trap) => `#define VM_TRAP_${trap.name} ${trap.code}`).join('\n');
  writeFileSync(source, memoryTest.replace('TRAPS', traps));
  const program = join(dir, 'memory');
  execFileSync('clang', [
    '-O2',
    ...commonFlags,
    '-fno-pic',
    '-no-pie',
    '-I',
    runtimeDir,
    source,
    '-o',
    program,
  ]);
  assert.equal(execFileSync(program, { encoding: 'utf8' }), 'right\n');
});
