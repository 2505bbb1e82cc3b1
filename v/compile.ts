// The V compiler's interface: source text in, Core Erlang or diagnostics out; and files to `.beam`.

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, contentHash } from '../lib/cache.ts';
import { checkProgram } from './check/check.ts';

import { type InputFile, type LoadOptions, loadProgram, programFiles } from './load/load.ts';
import { libraryBase } from './load/parsed.ts';
import { lowerProgram } from './lower/module.ts';
import { ErlangNode } from './node/erlang_node.ts';
import { type Diagnostic, formatDiagnostic, SourceFile } from './source.ts';

export { ErlangNode, type ProgramRun } from './node/erlang_node.ts';
export type { Diagnostic } from './source.ts';

export interface Compiled {
  /** The Erlang module: `v.main` when the program does not say otherwise. */
  readonly module: string;
  /** Its Core Erlang text; a program exports `main/0`. */
  readonly core: string;
  readonly warnings: readonly Diagnostic[];
}

export interface Rejected {
  /** Errors, with the warnings that came before them, in source order. */
  readonly errors: readonly Diagnostic[];
}

/** Compiles one V file to Core Erlang text. `path` is what messages and stack traces show. */
export function compileV(path: string, source: string, options?: LoadOptions): Compiled | Rejected {
  return compileVFiles([{ path, text: source }], options);
}

/** Parses and checks without making code: all that an editor needs. */
export function checkV(files: readonly InputFile[], options: LoadOptions = {}): Diagnostic[] {
  const loaded = loadProgram(files, options);
  if (loaded.diagnostics.some((d) => d.severity === 'error')) return inOrder(loaded.diagnostics);
  return inOrder(checkProgram(loaded).program.diagnostics);
}

/** Compiles the files of a program's own module, and with them the modules they import. */
export function compileVFiles(
  files: readonly InputFile[],
  options: LoadOptions = {},
): Compiled | Rejected {
  const loaded = loadProgram(files, options);
  if (loaded.diagnostics.some((d) => d.severity === 'error')) {
    return { errors: inOrder(loaded.diagnostics) };
  }
  const { program, typed } = checkProgram(loaded);
  const diagnostics = inOrder(program.diagnostics);
  if (program.hasErrors) return { errors: diagnostics };
  return { module: typed.module, core: lowerProgram(loaded.sources, typed), warnings: diagnostics };
}

/**
 * Notices first, then warnings, then errors, each by position, as V prints them. Files of the
 * library come last, by their paths: their offsets follow from which program used them first.
 */
function inOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const ranks = ['notice', 'warning', 'error'];
  const rank = (d: Diagnostic): number => ranks.indexOf(d.severity);
  const path = (d: Diagnostic): string => (d.span.start < libraryBase ? '' : (d.file?.path ?? ''));
  const byPath = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  return [...diagnostics].sort(
    (a, b) => rank(a) - rank(b) || byPath(path(a), path(b)) || a.span.start - b.span.start,
  );
}

/**
 * Diagnostics as V prints them: position, message, the source line with context, an underline.
 * `path` and `source` are for those that do not say which file they are about.
 */
export function formatDiagnostics(
  path: string,
  source: string,
  diagnostics: readonly Diagnostic[],
): string {
  const file = new SourceFile(path, source);
  return diagnostics.map((d) => `${formatDiagnostic(file, d)}\n`).join('');
}

/** A V program that does not compile; the message is what to show. */
export class CompileError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(message: string, diagnostics: readonly Diagnostic[]) {
    super(message);
    this.name = 'CompileError';
    this.diagnostics = diagnostics;
  }
}

export interface CompiledFile {
  /** `OUTDIR/MODULE.beam`: Erlang wants the file named after the module. */
  readonly beamPath: string;
  /** Warnings, formatted. */
  readonly warnings: string;
}

/**
 * Compiles a V file, or all files of a folder, to `outDir/MODULE.beam` with OTP's own compiler.
 * Rejects with a `CompileError` when the program is wrong, and with the system's error when it
 * cannot be read. `node` is a running compiler to use.
 */
export async function compileVFile(
  path: string,
  outDir: string,
  node?: ErlangNode,
  options: LoadOptions = {},
): Promise<CompiledFile> {
  const files = programFiles(path, options.defines ?? []);
  const [first] = files;
  if (!first) throw new Error(`${path}: no V files`);
  const defines = [...testFlags(first), ...(options.defines ?? [])];
  const compiled = compileVFiles(files, { ...options, defines });
  const show = (found: readonly Diagnostic[]): string =>
    formatDiagnostics(first.path, first.text, found);
  if ('errors' in compiled) throw new CompileError(show(compiled.errors), compiled.errors);
  await mkdir(outDir, { recursive: true });
  const corePath = join(outDir, `${compiled.module}.core`);
  await writeFile(corePath, compiled.core);
  const erlang = node ?? new ErlangNode();
  try {
    const beam = await erlang.compileCore(corePath);
    const beamPath = join(outDir, `${compiled.module}.beam`);
    await writeWhole(beamPath, beam);
    await rm(corePath, { force: true });
    return { beamPath, warnings: show(compiled.warnings) };
  } finally {
    if (!node) erlang.close();
  }
}

/** `// vtest vflags: -d name` at the start of a test says what V's runner compiles it with. */
function testFlags(file: InputFile): string[] {
  if (!file.path.endsWith('_test.v')) return [];
  const lines = file.text.split('\n', 10).filter((line) => line.startsWith('// vtest vflags:'));
  return [...lines.join(' ').matchAll(/ -d (\w+)/g)].map(([, name]) => name as string);
}

/** Written beside and renamed, so that no half-written module is ever found. */
async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const partial = join(dirname(path), `.${basename(path)}.part`);
  await writeFile(partial, bytes);
  await rename(partial, path);
}

const here = dirname(fileURLToPath(import.meta.url));
/** What compiled programs call: V's runtime, and the system calls behind their C functions. */
const runtimeDirs = [join(here, 'runtime'), join(here, '..', 'os', 'linux', 'src')];

/** The Erlang sources of all modules that compiled programs call. */
export async function runtimeSources(): Promise<string[]> {
  const lists = runtimeDirs.map(async (folder) =>
    (await readdir(folder)).filter((n) => n.endsWith('.erl')).map((n) => join(folder, n)),
  );
  return (await Promise.all(lists)).flat().sort();
}

const runtimeCache = join(here, '..', 'build', 'v_runtime_beams');

/** What the sources may include. */
async function runtimeHeaders(): Promise<Buffer[]> {
  const lists = runtimeDirs.map(async (folder) =>
    (await readdir(folder)).filter((n) => n.endsWith('.hrl')).map((n) => join(folder, n)),
  );
  const paths = (await Promise.all(lists)).flat().sort();
  return Promise.all(paths.map((path) => readFile(path)));
}

/**
 * Puts the modules that every V program calls (`v_rt`, `v_array`, …) into a folder; they are
 * compiled when they have changed.
 */
export async function compileRuntime(outDir: string, node?: ErlangNode): Promise<string[]> {
  await mkdir(outDir, { recursive: true });
  const erlang = node ?? new ErlangNode();
  const headers = await runtimeHeaders();
  try {
    return await Promise.all(
      (await runtimeSources()).map(async (source) => {
        const key = contentHash(source, await readFile(source), ...headers);
        const kept = join(runtimeCache, `${key}.beam`);
        const beam = Buffer.from(await cached(kept, () => erlang.compileErlang(source)));
        const path = join(outDir, basename(source).replace(/\.erl$/, '.beam'));
        await writeWhole(path, beam);
        return path;
      }),
    );
  } finally {
    if (!node) erlang.close();
  }
}
