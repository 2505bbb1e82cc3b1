/**
 * For tests: many Wasm modules as one native Linux program. Each module is emitted, compiled and
 * linked into the same executable with its symbols renamed; commands on standard input say what to
 * instantiate and call, and the program answers with one line each. Traps, page faults and stack
 * overflow come back as answers too.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { linearReservedBytes, virtual } from '../../tables/memory_map.ts';
import { wasmTraps } from '../../tables/wasm_traps.ts';
import { commonFlags, interruptWords, runtimeDir } from '../build.ts';
import { cTypes, signatureText } from '../c_text.ts';
import type { DispatchForm } from '../function_emitter.ts';
import { type EmittedModule, emitModule } from '../module_emitter.ts';
import type { ValueType, WasmFunction } from '../wasm_module.ts';

const run = promisify(execFile);

/**
 * What a call did: result bits, or why it stopped, and what the module said to its imports
 * meanwhile.
 */
export interface Outcome {
  /**
   * Result in hexadecimal (before a NaN, `nan` and a space), empty without a result; or
   * `trap: CLASS`.
   */
  readonly result: string;
  /** Calls of imports: name and argument bits. */
  readonly log: readonly string[];
}

export type Command =
  | { readonly kind: 'instantiate'; readonly module: number }
  | {
      readonly kind: 'call';
      readonly module: number;
      readonly name: string;
      readonly args: readonly bigint[];
    }
  /** Answers with a hash of linear memory. */
  | { readonly kind: 'memory'; readonly module: number };

export interface ProgramOptions {
  readonly dispatch: DispatchForm;
  /** Every load and store happens, in order: needed where an access may be out of range. */
  readonly everyAccess: boolean;
  readonly optimise: 0 | 1 | 2;
}

/** Pages that a growing module may reach in this program. */
export const growPagesMax = 1024;

const renamed = [
  'vm_init_memory',
  'vm_start',
  'vm_memory_bytes',
  'vm_memory_bytes_max',
  'vm_memory_grow',
];

export class NativeProgram {
  private readonly modules: readonly EmittedModule[];
  private readonly dir: string;

  private constructor(modules: readonly EmittedModule[], dir: string) {
    this.modules = modules;
    this.dir = dir;
  }

  static async build(
    wasms: readonly Uint8Array[],
    options: ProgramOptions,
  ): Promise<NativeProgram> {
    const dir = mkdtempSync(join(tmpdir(), 'vbeam-native-'));
    const modules = wasms.map((wasm) =>
      emitModule(wasm, {
        memoryBase: virtual.linearMemoryLinux,
        units: 'one',
        dispatch: options.dispatch,
        volatileRanges: interruptWords,
        prologue: `#define VM_ACCESS ${options.everyAccess ? 'volatile' : ''}\n#define VM_GROW_HOOK`,
      }),
    );
    const sources = modules.map((module, i) => moduleSource(module, i));
    writeFileSync(join(dir, 'main.c'), mainSource(modules));
    sources.forEach((text, i) => {
      writeFileSync(join(dir, `m${i}.c`), text);
    });
    const flags = [
      `-O${options.optimise}`,
      ...commonFlags,
      '-fno-pic',
      '-mcmodel=small',
      '-I',
      runtimeDir,
    ];
    const waiting = sources.map((_, i) => `m${i}`);
    const worker = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        await run('clang', [...flags, '-c', join(dir, `${name}.c`), '-o', join(dir, `${name}.o`)]);
      }
    };
    await Promise.all([worker(), worker()]);
    const objects = sources.map((_, i) => join(dir, `m${i}.o`));
    await run('clang', [
      '-O1',
      '-w',
      '-no-pie',
      join(dir, 'main.c'),
      ...objects,
      '-o',
      join(dir, 'program'),
    ]);
    return new NativeProgram(modules, dir);
  }

  run(commands: readonly Command[]): Outcome[] {
    const input = commands.map((command) => this.commandText(command)).join('');
    const { stdout, stderr, status, signal } = spawnSync(join(this.dir, 'program'), {
      input,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      timeout: 120_000,
    });
    const outcomes: Outcome[] = [];
    let log: string[] = [];
    for (const line of stdout.split('\n')) {
      if (line.startsWith('> ')) log.push(line.slice(2));
      else if (line.startsWith('=')) {
        outcomes.push({ result: line.slice(1), log });
        log = [];
      } else if (line.startsWith('!')) {
        outcomes.push({ result: `trap: ${line.slice(1)}`, log });
        log = [];
      }
    }
    if (outcomes.length !== commands.length) {
      const last = JSON.stringify(commands[outcomes.length], (_, v) =>
        typeof v === 'bigint' ? `${v}` : v,
      );
      throw new Error(
        `the program stopped (status ${status}, signal ${signal}) at ${last}: ${stderr}`,
      );
    }
    return outcomes;
  }

  dispose(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }

  private commandText(command: Command): string {
    if (command.kind === 'instantiate') return `i ${command.module}\n`;
    if (command.kind === 'memory') return `m ${command.module}\n`;
    const names = [...(this.modules[command.module] as EmittedModule).exports.keys()];
    const index = names.indexOf(command.name);
    if (index < 0) throw new Error(`no export ${command.name}`);
    const args = command.args.map((bits) => ` ${bits.toString(16)}`).join('');
    return `c ${command.module} ${index} ${command.args.length}${args}\n`;
  }
}

/** Import symbols of a module with the function that each stands for. */
function importsOf(module: EmittedModule): { symbol: string; f: WasmFunction; name: string }[] {
  const seen = new Map<string, { symbol: string; f: WasmFunction; name: string }>();
  for (const f of module.module.functions) {
    if (f.import === null) continue;
    const clean = (text: string) => text.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^_+|_+$/g, '');
    const symbol = `${clean(f.import.module)}_${clean(f.import.name)}`;
    seen.set(symbol, { symbol, f, name: `${f.import.module}.${f.import.name}` });
  }
  return [...seen.values()];
}

const bitsToValue: Readonly<Record<ValueType, (c: string) => string>> = {
  i: (c) => `(u32)${c}`,
  l: (c) => c,
  f: (c) => `vm_f32_of_bits((u32)${c})`,
  d: (c) => `vm_f64_of_bits(${c})`,
};

const valueToBits: Readonly<Record<ValueType, (c: string) => string>> = {
  i: (c) => `(u64)${c}`,
  l: (c) => c,
  f: (c) => `(u64)vm_bits_of_f32(${c})`,
  d: (c) => `vm_bits_of_f64(${c})`,
};

/**
 * The module's C with its outside symbols renamed, its imports, and one function that makes any of
 * its calls.
 */
function moduleSource(module: EmittedModule, index: number): string {
  const prefix = `m${index}_`;
  const imports = importsOf(module);
  const symbols = [...module.exports.values()].map((e) => e.symbol);
  const names = [...renamed, ...symbols, ...imports.map((i) => i.symbol)];
  const defines = [...new Set(names)].map((name) => `#define ${name} ${prefix}${name}`);
  const bodies = imports.map(({ symbol, f, name }) => {
    const args = f.type.params.map((_, i) => `a${i}`);
    const says = args.map((a, i) => `, ${valueToBits[f.type.params[i] as ValueType](a)}`);
    const log = `test_log(${JSON.stringify(name)}, ${args.length}${says.join('')});`;
    return `${signatureText(f.type, symbol, args)} { ${log}${f.type.results.length > 0 ? ' return 0;' : ''} }`;
  });
  const calls = [...module.exports.values()].map(({ symbol, function: f }, i) => {
    const args = f.type.params.map((param, k) => bitsToValue[param](`a[${k}]`));
    const result = f.type.results[0];
    const call = `${symbol}(${args.join(', ')})`;
    if (result === undefined) return `  case ${i}: ${call}; return 0;`;
    const kind = { i: 1, l: 2, f: 3, d: 4 }[result];
    return `  case ${i}: { ${cTypes[result]} r = ${call}; *bits = ${valueToBits[result]('r')}; return ${kind}; }`;
  });
  return [
    ...defines,
    module.units[0]?.text,
    'extern void test_log(const char *name, int count, ...);',
    'extern u32 test_grow(u64 *bytes, u64 max, u32 pages);',
    'u32 vm_memory_grow(u32 pages) { return test_grow(&vm_memory_bytes, vm_memory_bytes_max, pages); }',
    ...bodies,
    `int ${prefix}call(int index, const u64 *a, u64 *bits) {\n  switch (index) {`,
    ...calls,
    '  }\n  return 0;\n}',
    '',
  ].join('\n');
}

/** V8 gives one message for several traps; both sides answer with these classes. */
export const trapClasses: Readonly<Record<string, string>> = {
  INVALID_CONVERSION: 'conversion',
  INTEGER_OVERFLOW: 'overflow',
  UNDEFINED_ELEMENT: 'table',
  TABLE_OUT_OF_BOUNDS: 'table',
  UNINITIALIZED_ELEMENT: 'signature',
  INDIRECT_CALL_TYPE_MISMATCH: 'signature',
  INTEGER_DIVIDE_BY_ZERO: 'division',
  MEMORY_OUT_OF_BOUNDS: 'memory',
  UNREACHABLE: 'unreachable',
  UNALIGNED_ATOMIC: 'unaligned',
};

function mainSource(modules: readonly EmittedModule[]): string {
  const names = wasmTraps.map((trap) => `[${trap.code}] = "${trapClasses[trap.name]}"`);
  const declarations = modules.map(
    (_, i) =>
      `extern void m${i}_vm_init_memory(void), m${i}_vm_start(void); extern u64 m${i}_vm_memory_bytes, ` +
      `m${i}_vm_memory_bytes_max; extern int m${i}_call(int, const u64 *, u64 *);`,
  );
  const rows = modules.map(
    ({ module }, i) =>
      `{m${i}_vm_init_memory, m${i}_vm_start, &m${i}_vm_memory_bytes, &m${i}_vm_memory_bytes_max, ` +
      `m${i}_call, ${Math.min(module.memory?.max ?? growPagesMax, growPagesMax)}ul << 16},`,
  );
  return `${mainHead}
static const char *const trap_names[] = {${names.join(', ')}};
${declarations.join('\n')}
static const struct module modules[] = {
${rows.join('\n')}
};
#define BASE ((u8 *)0x${virtual.linearMemoryLinux.toString(16)}ul)
#define RESERVED 0x${linearReservedBytes.toString(16)}ul
${mainBody}`;
}

const mainHead = `#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;
struct module {
  void (*init)(void), (*start)(void);
  u64 *bytes, *bytes_max;
  int (*call)(int, const u64 *, u64 *);
  u64 limit;
};`;

const mainBody = `
static sigjmp_buf back;
static const char *reason;

void vm_trap(u32 code) {
  reason = trap_names[code];
  siglongjmp(back, 1);
}

static void on_fault(int signal, siginfo_t *info, void *context) {
  u8 *at = info->si_addr;
  reason = at >= BASE && at < BASE + RESERVED ? "memory" : "stack";
  siglongjmp(back, 1);
}

void test_log(const char *name, int count, ...) {
  va_list args;
  va_start(args, count);
  printf("> %s", name);
  for (int i = 0; i < count; i++) printf(" %lx", va_arg(args, u64));
  printf("\\n");
  va_end(args);
}

u32 test_grow(u64 *bytes, u64 max, u32 pages) {
  u64 before = *bytes, after = before + ((u64)pages << 16);
  if (after > max) return 0xffffffffu;
  if (mprotect(BASE, after, PROT_READ | PROT_WRITE)) abort();
  *bytes = after;
  return (u32)(before >> 16);
}

static void reserve(void) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
  if (mmap(BASE, RESERVED, PROT_NONE, flags, -1, 0) == MAP_FAILED) abort();
}

static void instantiate(const struct module *m) {
  reserve();
  *m->bytes_max = m->limit;
  if (*m->bytes && mprotect(BASE, *m->bytes, PROT_READ | PROT_WRITE)) abort();
  if (sigsetjmp(back, 1)) {
    printf("!%s\\n", reason);
    return;
  }
  m->init();
  m->start();
  printf("=\\n");
}

static int is_nan(int kind, u64 bits) {
  if (kind == 3) return (bits & 0x7fffffff) > 0x7f800000;
  return kind == 4 && (bits & 0x7ffffffffffffffful) > 0x7ff0000000000000ul;
}

static void call(const struct module *m, int index, const u64 *args) {
  u64 bits = 0;
  if (sigsetjmp(back, 1)) {
    printf("!%s\\n", reason);
    return;
  }
  int kind = m->call(index, args, &bits);
  if (is_nan(kind, bits)) printf("=nan %lx\\n", bits);
  else if (kind) printf("=%lx\\n", bits);
  else printf("=\\n");
}

int main(void) {
  static u8 alternate[65536];
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  reserve();
  char command;
  int number;
  while (scanf(" %c %d", &command, &number) == 2) {
    const struct module *m = &modules[number];
    if (command == 'i') instantiate(m);
    else if (command == 'm') {
      u32 hash = 0x811c9dc5;
      for (u32 i = 0; i < *m->bytes; i++) if (BASE[i]) hash = (hash ^ i ^ ((u32)BASE[i] << 24)) * 0x01000193;
      printf("=%x\\n", hash);
    } else {
      int index, count;
      u64 args[64];
      if (scanf("%d %d", &index, &count) != 2) return 1;
      for (int i = 0; i < count; i++) if (scanf("%lx", &args[i]) != 1) return 1;
      call(m, index, args);
    }
  }
  return fflush(stdout);
}
`;
