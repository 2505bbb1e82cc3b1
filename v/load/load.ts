// Loads a program: its files, and the modules they import, with what those import.

import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Decl, ImportDecl } from '../ast.ts';
import { preludeSource } from '../prelude.ts';
import { type Diagnostic, SourceSet } from '../source.ts';
import { conditionHolds } from './conditions.ts';
import { filesOf } from './files.ts';
import { Folders, namesIn } from './folders.ts';
import type { ImportedSymbol, LoadedProgram, Module, Unit } from './modules.ts';
import { type ParsedFile, parseFile, parseLibraryFile } from './parsed.ts';
import {
  findModule,
  isOverlay,
  libraryDirs,
  libraryModuleOf,
  type SearchPlaces,
} from './search.ts';

export interface LoadOptions {
  /** A checkout of V, or the `vlib` folder of one. */
  readonly vlib?: string | undefined;
  /** The flags given with `-d`. */
  readonly defines?: readonly string[];
  /** Allows global variables in modules that do not ask for them. */
  readonly globals?: boolean;
}

export interface InputFile {
  readonly path: string;
  readonly text: string;
}

interface Loading {
  readonly places: SearchPlaces;
  readonly defines: ReadonlySet<string>;
  readonly sources: SourceSet;
  readonly diagnostics: Diagnostic[];
  /** By their folders. */
  readonly byFolder: Map<string, Module>;
  /** Finished, in the order in which they are initialised. */
  readonly order: Module[];
  /** Being loaded: meeting one of them again is a cycle. */
  readonly open: Module[];
  readonly prefixes: Set<string>;
  readonly builtin: Module;
  nextBase: number;
}

const mutableUnits = (module: Module): Unit[] => module.units;

export function loadProgram(inputs: readonly InputFile[], options: LoadOptions): LoadedProgram {
  const path = inputs[0]?.path ?? '';
  const programDir = dirname(resolve(path));
  const test = path.endsWith('_test.v');
  const vlib = options.vlib ?? process.env.VLIB ?? process.env.V_SRC;
  const libraries = libraryDirs(programDir, vlib);
  // Files of our library named `_d_vlib` go with V's own sources, `_notd_vlib` stand in for them.
  const known = [...(test ? ['test'] : []), ...(libraries.length > 0 ? ['vlib'] : [])];
  const defines = new Set([...(options.defines ?? []), ...known]);
  const builtin: Module = { path: 'builtin', prefix: '', builtin: true, units: [] };
  const loading: Loading = {
    places: { programDir, test, libraryDirs: libraries, folders: new Folders(defines) },
    defines,
    sources: new SourceSet(),
    diagnostics: [],
    byFolder: new Map(),
    order: [builtin],
    open: [],
    prefixes: new Set(),
    builtin,
    nextBase: 0,
  };
  const main = loadMain(loading, inputs);
  addUnit(loading, builtin, parseLibraryFile('builtin.v', preludeSource), true);
  const { sources, diagnostics, order: modules } = loading;
  // V's runner of tests turns globals on where the path speaks of them.
  const globals = options.globals ?? (test && path.includes('global'));
  return { sources, modules, main, diagnostics, defines, test, globals };
}

function loadMain(loading: Loading, inputs: readonly InputFile[]): Module {
  const parsed = inputs.map((input) => parseInput(loading, input));
  const [first] = parsed;
  const name = declaredModule(first) ?? 'main';
  const { places } = loading;
  const path = name === 'main' ? name : (libraryModuleOf(places.programDir, places) ?? name);
  const module = newModule(loading, path, name);
  const own = new Set(inputs.map((input) => resolve(input.path)));
  // A test that names its module is compiled together with the other files of its folder.
  const together = places.test && declaredModule(first) !== undefined;
  const found = together ? companions(loading, name).filter((p) => !own.has(resolve(p))) : [];
  const isLibrary = path !== name || libraryModuleOf(places.programDir, places) === path;
  // A module's own test stands for the module; any other program in its folder imports it.
  if (name !== 'main') loading.byFolder.set(places.programDir, module);
  loading.open.push(module);
  for (const file of parsed) addUnit(loading, module, file, false);
  for (const other of found) {
    const file = isLibrary
      ? parseLibraryFile(other)
      : parseInput(loading, { path: other, text: readFileSync(other, 'utf8') });
    if ((declaredModule(file) ?? 'main') === name) addUnit(loading, module, file, isLibrary);
  }
  loading.open.pop();
  loading.order.push(module);
  return module;
}

function parseInput(loading: Loading, input: InputFile): ParsedFile {
  const parsed = parseFile(input.path, input.text, loading.nextBase);
  loading.nextBase = parsed.file.limit;
  return parsed;
}

/** The other files of the module that a test stands in. */
function companions(loading: Loading, name: string): readonly string[] {
  const { places } = loading;
  const own = places.folders.filesOf(places.programDir, false);
  const library = libraryModuleOf(places.programDir, places);
  if (library === undefined || library.startsWith('v.') || name === 'main') return own;
  const found = findModule(library, `${places.programDir}/x.v`, places);
  return (found?.folders ?? []).flatMap((dir) => places.folders.filesOf(dir, true));
}

function declaredModule(parsed: ParsedFile | undefined): string | undefined {
  const decl = parsed?.tree.decls.find((d) => d.kind === 'module');
  return decl?.kind === 'module' ? decl.name : undefined;
}

/** Two modules of one name are told apart by the whole path. */
function newModule(loading: Loading, path: string, name: string): Module {
  const short = name === 'main' || name === 'builtin' ? '' : `${name}.`;
  const prefix = short !== '' && loading.prefixes.has(short) ? `${path}.` : short;
  loading.prefixes.add(prefix);
  return { path, prefix, builtin: false, units: [] };
}

/** Adds a file to a module; the modules it imports are loaded before anything else of it counts. */
function addUnit(loading: Loading, module: Module, parsed: ParsedFile, library: boolean): void {
  loading.sources.add(parsed.file);
  // V's own files may hold what we cannot read; only what needs it fails.
  if (!library || isOverlay(parsed.file.path)) loading.diagnostics.push(...parsed.errors);
  const decls = flattened(loading, module.path, parsed.tree.decls, library);
  const imports = new Map<string, Module>();
  const symbols = new Map<string, ImportedSymbol>();
  for (const d of decls) {
    if (d.kind !== 'import') continue;
    const imported = importModule(loading, d, parsed, library);
    if (!imported) continue;
    imports.set(d.alias ?? d.module.replace(/^.*\./, ''), imported);
    for (const { name, span } of d.symbols) symbols.set(name, { module: imported, span });
    if (!library) warnUnused(loading, d, parsed);
  }
  const { file, tree } = parsed;
  mutableUnits(module).push({ file, tree, decls, module, library, imports, symbols });
}

/** The declarations of a file with the branches that hold in place of each top-level `$if`. */
function flattened(
  loading: Loading,
  module: string,
  decls: readonly Decl[],
  library: boolean,
): readonly Decl[] {
  if (!decls.some((d) => d.kind === 'comptimeDecl')) return decls;
  return decls.flatMap((d) => {
    if (d.kind !== 'comptimeDecl') return [d];
    const report = (message: string, span: Decl['span']): void => {
      if (!library) fail(loading, message, span);
    };
    const taken = d.branches.find(
      (b) => !b.condition || conditionHolds(b.condition, loading.defines, module, report),
    );
    return taken ? flattened(loading, module, taken.decls, library) : [];
  });
}

function fail(loading: Loading, message: string, span: Decl['span']): void {
  loading.diagnostics.push({
    severity: 'error',
    message,
    span,
    file: loading.sources.fileAt(span.start),
  });
}

function warnUnused(loading: Loading, d: ImportDecl, parsed: ParsedFile): void {
  const alias = d.alias ?? d.module.replace(/^.*\./, '');
  if (alias.startsWith('_') || parsed.qualifiers.has(alias)) return;
  if (d.symbols.some(({ name }) => parsed.names.has(name))) return;
  const shown = alias === d.module ? alias : `${alias} (${d.module})`;
  loading.diagnostics.push({
    severity: 'warning',
    message:
      `module '${shown}' is imported but never used. Use \`import ${shown} as _\`, ` +
      'to silence this warning, or just remove the unused import line',
    span: d.moduleSpan,
    file: parsed.file,
  });
}

function importModule(
  loading: Loading,
  d: ImportDecl,
  parsed: ParsedFile,
  library: boolean,
): Module | undefined {
  const { places } = loading;
  if (d.module === 'builtin') {
    fail(loading, 'cannot import module "builtin"', d.span);
    return undefined;
  }
  const found = findModule(d.module, resolve(parsed.file.path), places);
  if (!found) {
    if (!library) fail(loading, `cannot import module "${d.module}" (not found)`, d.span);
    return undefined;
  }
  const key = found.folders[found.folders.length - 1] as string;
  const known = loading.byFolder.get(key);
  if (known) {
    if (loading.open.includes(known)) reportCycle(loading, known, d);
    return known;
  }
  return loadModule(loading, d.module, found.folders, found.library, key);
}

function loadModule(
  loading: Loading,
  path: string,
  folders: readonly string[],
  library: boolean,
  key: string,
): Module {
  const module = newModule(loading, path, path.replace(/^.*\./, ''));
  loading.byFolder.set(key, module);
  loading.open.push(module);
  for (const folder of folders) {
    for (const file of loading.places.folders.filesOf(folder, library)) {
      const parsed = library
        ? parseLibraryFile(file)
        : parseInput(loading, { path: file, text: readFileSync(file, 'utf8') });
      addUnit(loading, module, parsed, library);
    }
  }
  loading.open.pop();
  loading.order.push(module);
  return module;
}

function reportCycle(loading: Loading, again: Module, d: ImportDecl): void {
  const from = loading.open.indexOf(again);
  const names = [...loading.open.slice(from), again].map((m) => m.path);
  const cycle = ` * ${names.join(' -> ')}`;
  fail(loading, `import cycle detected between the following modules: \n${cycle}`, d.span);
}

/** The files of a program that is given as a file or as a folder. */
export function programFiles(path: string, defines: readonly string[]): readonly InputFile[] {
  const read = (p: string): InputFile => ({ path: p, text: readFileSync(p, 'utf8') });
  if (!statSync(path).isDirectory()) return [read(path)];
  return filesOf(path, namesIn(path), new Set(defines), false).map(read);
}
