/**
 * From the VM's Wasm module to relocatable ELF objects: emit C, compile each unit with clang, keep
 * what did not change in a cache (architecture D2, D14).
 *
 * The result is a list of objects; the linker takes them all. Besides the module's own symbols
 * (native/module_emitter) the objects need from the host layer `vm_trap` and the imports
 * (`host_portIn8`, …); `memcpy`, `memmove`, `memset` and `memcmp` are inside.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { linear, virtual } from '../tables/memory_map.ts';
import { contentHash } from './content_hash.ts';
import type { DispatchForm } from './function_emitter.ts';
import { type CUnit, emitModule } from './module_emitter.ts';

const run = promisify(execFile);

export type NativeTarget = 'metal' | 'linux';

export interface BuildOptions {
  readonly wasm: Uint8Array;
  readonly target: NativeTarget;
  /** clang's -O level. */
  readonly optimise: 0 | 1 | 2 | 3;
  /** Objects live here under the hash of everything that they were made from. */
  readonly cacheDir: string;
  readonly dispatch?: DispatchForm;
  /** Told about each unit when it is done. */
  readonly onUnit?: (unit: {
    readonly name: string;
    readonly cached: boolean;
    readonly ms: number;
  }) => void;
}

export interface NativeObject {
  readonly name: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Where runtime.h is. */
export const runtimeDir = fileURLToPath(new URL('.', import.meta.url));

const clang = process.env.VBEAM_CLANG ?? 'clang';

export const commonFlags = [
  '-std=gnu11',
  '-ffreestanding',
  '-fno-strict-aliasing',
  '-fno-omit-frame-pointer',
  '-fno-asynchronous-unwind-tables',
  '-fno-stack-protector',
  '-fno-math-errno',
  '-ffp-contract=off',
  '-ffp-exception-behavior=maytrap',
  '-fno-ident',
  '-w',
];

const targetFlags: Readonly<Record<NativeTarget, readonly string[]>> = {
  metal: ['-mno-red-zone', '-fno-pic', '-mcmodel=kernel'],
  linux: ['-fno-pic', '-mcmodel=small'],
};

const memoryBases: Readonly<Record<NativeTarget, bigint>> = {
  metal: virtual.linearMemory,
  linux: virtual.linearMemoryLinux,
};

/** The words of linear memory that interrupt stubs write. */
export const interruptWords = [{ start: linear.doorbell, bytes: 4 }];

export async function buildVmObjects(options: BuildOptions): Promise<NativeObject[]> {
  const { units } = emitModule(options.wasm, {
    memoryBase: memoryBases[options.target],
    units: 'many',
    dispatch: options.dispatch ?? 'threaded',
    volatileRanges: interruptWords,
  });
  const flags = [`-O${options.optimise}`, ...commonFlags, ...targetFlags[options.target]];
  const fixed = [
    await compilerVersion(),
    await readFile(join(runtimeDir, 'runtime.h'), 'utf8'),
    flags.join(' '),
  ];
  await mkdir(options.cacheDir, { recursive: true });
  // The longest first, so that no processor is left alone with it at the end.
  const waiting = units
    .map((unit) => (unit.name === 'data' ? withMemoryFunctions(unit) : unit))
    .sort((a, b) => b.text.length - a.text.length);
  const objects: NativeObject[] = [];
  const worker = async () => {
    for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
      objects.push(await compileUnit(unit, flags, fixed, options));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return objects.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function withMemoryFunctions(unit: CUnit): CUnit {
  return { name: unit.name, text: `#define VM_DEFINE_MEMORY_FUNCTIONS\n${unit.text}` };
}

let version: Promise<string> | null = null;

async function compilerVersion(): Promise<string> {
  version ??= run(clang, ['--version']).then(
    ({ stdout }) => stdout,
    () => {
      throw new Error(`${clang} cannot be run: install the Debian package clang`);
    },
  );
  return version;
}

async function compileUnit(
  unit: CUnit,
  flags: readonly string[],
  fixed: readonly string[],
  options: BuildOptions,
): Promise<NativeObject> {
  const started = performance.now();
  const key = contentHash([...fixed, unit.text]).slice(0, 24);
  const stem = join(options.cacheDir, `${options.target}-${unit.name}-${key}`);
  const path = `${stem}.o`;
  const found = await readFile(path).catch(() => null);
  if (found === null) {
    const source = `${stem}.c`;
    await writeFile(source, unit.text);
    // Another build may want the same object at the same time: whoever is last renames a complete
    // file.
    const unfinished = `${stem}.${process.pid}.tmp`;
    await compile([...flags, '-I', runtimeDir, '-c', source, '-o', unfinished], unit.name);
    await rename(unfinished, path);
  }
  options.onUnit?.({
    name: unit.name,
    cached: found !== null,
    ms: Math.round(performance.now() - started),
  });
  return { name: unit.name, path, bytes: found ?? (await readFile(path)) };
}

async function compile(args: readonly string[], unit: string): Promise<void> {
  try {
    await run(clang, args, { maxBuffer: 1 << 24 });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(
      `${clang} failed on unit ${unit}:\n${(stderr ?? String(error)).slice(0, 4000)}`,
    );
  }
}
