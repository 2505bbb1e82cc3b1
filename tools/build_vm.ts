/**
 * Compiles vm/ to Wasm with AssemblyScript, after tools/gen.ts. The result is cached in build/vm/
 * by a hash of all sources.
 *
 *   node --import tsx tools/build_vm.ts [-O1|-O3] [--entry vm/FILE.ts]     prints the path of the
 *   Wasm file
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linear } from '../tables/memory_map.ts';
import { writeGenerated } from './gen.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

export interface VmBuildOptions {
  /** Path of the entry file below the root; default vm/main.ts. */
  readonly entry?: string;
  /** Optimisation level of asc: 1 for tests, 3 for what ships. */
  readonly level: 1 | 3;
  /**
   * With the checks that only tests want: freed memory is poisoned, and
   * vbeam_internal:check_memory/1 walks heaps and blocks. Default: at level 1.
   */
  readonly checked?: boolean;
}

function vmSources(): string[] {
  return readdirSync(join(root, 'vm'), { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function sourcesHash(flags: readonly string[]): string {
  const hash = createHash('sha256').update(flags.join(' '));
  for (const path of vmSources())
    hash.update(relative(root, path)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex').slice(0, 24);
}

function ascFlags(options: VmBuildOptions): string[] {
  return [
    options.entry ?? 'vm/main.ts',
    `-O${options.level}`,
    '--runtime',
    'stub',
    '--importMemory',
    '--initialMemory',
    '64',
    '--maximumMemory',
    '65536',
    '--memoryBase',
    String(linear.staticData),
    '--noAssert',
    '--use',
    'abort=',
    // A constant in vm/: what stands behind `if (VM_CHECKED)` is left out of what ships.
    '--use',
    `VM_CHECKED=${(options.checked ?? options.level === 1) ? 1 : 0}`,
    '--debug',
    // AS201: conversions between usize and u32 are the same on wasm32, the only target.
    '--disableWarning',
    '201',
  ];
}

/**
 * A process of its own: loaders of this process (tsx) would rewrite the compiler's large bundles
 * first, which takes 8 s.
 */
function runAsc(args: readonly string[]): Promise<void> {
  const asc = join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [asc, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.stderr.on('data', (chunk) => {
      text += chunk;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status !== 0) reject(new Error(`asc failed:\n${text}`));
      else {
        if (text) process.stderr.write(text);
        resolve();
      }
    });
  });
}

function cachePath(flags: readonly string[]): string {
  return join(root, 'build', 'vm', `${sourcesHash(flags)}.wasm`);
}

export interface BuiltVm {
  readonly path: string;
  readonly wasm: Uint8Array;
}

/**
 * The VM for who wants to run programs in Node: the optimised build when there is one of the
 * sources as they are, else the quick one, made in seconds, without its checks.
 */
export function buildVmForUse(): Promise<BuiltVm> {
  writeGenerated();
  return compileVm(existsSync(optimisedVm()) ? { level: 3 } : { level: 1, checked: false });
}

/** Where the optimised build of the sources as they are is, once it has been made. */
export function optimisedVm(): string {
  return cachePath(ascFlags({ level: 3 }));
}

/** Bytes of the Wasm module; errors of the compiler are thrown with its own text. */
export function buildVm(options: VmBuildOptions): Promise<BuiltVm> {
  writeGenerated();
  return compileVm(options);
}

/** The generated files are up to date. */
async function compileVm(options: VmBuildOptions): Promise<BuiltVm> {
  const flags = ascFlags(options);
  const path = cachePath(flags);
  if (existsSync(path)) return { path, wasm: readFileSync(path) };
  mkdirSync(dirname(path), { recursive: true });
  const scratch = `${path}.${process.pid}.tmp`;
  await runAsc([...flags, '--outFile', relative(root, scratch)]);
  renameSync(scratch, path);
  return { path, wasm: readFileSync(path) };
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const entry = args.includes('--entry') ? args[args.indexOf('--entry') + 1] : undefined;
  const level = args.includes('-O3') ? 3 : 1;
  const built = await buildVm(entry === undefined ? { level } : { level, entry });
  process.stdout.write(`${built.path}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
