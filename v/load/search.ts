// Where the folder of an imported module is: beside the program, in its `modules/`, in the library,
// or beside a folder above the importing file, in V's order.

import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Folders, kindOf } from './folders.ts';

/** Our own part of the library: what the platform gives, and what programs need most. */
const overlayRoot = join(dirname(fileURLToPath(import.meta.url)), '..');
const overlayDir = join(overlayRoot, 'vlib');

/** The path that messages show: files of our own library are not beside the program. */
export function shownPath(path: string): string {
  return path.startsWith(`${overlayDir}/`) ? path.slice(overlayRoot.length + 1) : path;
}

export function isOverlay(shown: string): boolean {
  return shown.startsWith('vlib/');
}

export interface SearchPlaces {
  /** The folder of the program. */
  readonly programDir: string;
  readonly test: boolean;
  /** Folders of V's own library, `DIR/vlib`. */
  readonly libraryDirs: readonly string[];
  readonly folders: Folders;
}

export interface FoundModule {
  /** Folders whose files make the module; declarations of earlier ones replace those of later. */
  readonly folders: readonly string[];
  readonly library: boolean;
}

const isFolder = (path: string): boolean => kindOf(path) === 'folder';

/** The folders above a path, the nearest first. */
function above(path: string): string[] {
  const folders: string[] = [];
  for (let at = resolve(path); ; at = dirname(at)) {
    folders.push(at);
    if (dirname(at) === at) return folders;
  }
}

/** What a `v.mod` file says about where a project's sources are. */
function sourceRoot(folders: Folders, project: string): { name: string; root: string } | undefined {
  const path = join(project, 'v.mod');
  if (!folders.exists(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const field = (name: string): string | undefined =>
    new RegExp(`\\b${name}\\s*:\\s*['"]([^'"]*)['"]`).exec(text)?.[1];
  const base = field('base_url');
  return { name: field('name') ?? '', root: base ? join(project, base) : join(project, 'src') };
}

/** The folder of a module below one search root. */
function below(folders: Folders, root: string, module: string): string | undefined {
  const parts = module.split('.');
  const plain = join(root, ...parts);
  if (folders.isFolder(plain)) return plain;
  const project = sourceRoot(folders, root);
  if (!project) return undefined;
  const tail = parts[0] === project.name ? parts.slice(1) : parts;
  const inSource = join(project.root, ...tail);
  return tail.length > 0 && folders.isFolder(inSource) ? inSource : undefined;
}

/** Finds libraries: given ones, and the `vlib` of a V checkout that the program itself lies in. */
export function libraryDirs(programDir: string, given: string | undefined): string[] {
  const dirs: string[] = [];
  if (given !== undefined && given !== '') {
    dirs.push(isFolder(join(given, 'vlib')) ? join(given, 'vlib') : given);
  }
  for (const folder of above(programDir)) {
    for (const dir of [folder, join(folder, 'vlib')]) {
      if (isFolder(join(dir, 'builtin')) && isFolder(join(dir, 'strconv'))) dirs.push(dir);
    }
  }
  return [...new Set(dirs.map((d) => resolve(d)))];
}

function hasOverlay(module: string, places: SearchPlaces): boolean {
  const folder = join(overlayDir, module.replaceAll('.', '/'));
  return places.folders.filesOf(folder, true).length > 0;
}

/** The folders of a library module: our overlay before V's own. */
function inLibrary(module: string, places: SearchPlaces): FoundModule | undefined {
  const path = module.replaceAll('.', '/');
  const candidates = [overlayDir, ...places.libraryDirs].map((dir) => join(dir, path));
  // Of V's compiler programs see only what is ours.
  if (path.startsWith('v/') && hasOverlay(module, places))
    return { folders: candidates.slice(0, 1), library: true };
  const folders = candidates.filter((dir) => places.folders.filesOf(dir, true).length > 0);
  return folders.length > 0 ? { folders, library: true } : undefined;
}

/** The library module that a folder holds the sources of. */
export function libraryModuleOf(folder: string, places: SearchPlaces): string | undefined {
  const path = resolve(folder);
  const root = places.libraryDirs.find((dir) => path.startsWith(`${dir}/`));
  return root && path.slice(root.length + 1).replaceAll('/', '.');
}

/** A found folder that lies in a library is the whole library module, with our overlay. */
function asFound(folder: string, places: SearchPlaces): FoundModule {
  const module = libraryModuleOf(folder, places);
  // Below `v` there are the tests of V's compiler, with modules of their own.
  const isOurs = module !== undefined && hasOverlay(module, places);
  if (module === undefined || (module.startsWith('v.') && !isOurs))
    return { folders: [folder], library: false };
  return inLibrary(module, places) ?? { folders: [folder], library: true };
}

export function findModule(
  module: string,
  importer: string,
  places: SearchPlaces,
): FoundModule | undefined {
  const { programDir, test, folders } = places;
  const parents = above(dirname(importer));
  const project = parents.find((dir) => folders.exists(join(dir, 'v.mod')));
  const modules = parents.find((dir) => dir.endsWith('/modules'));

  const roots = [
    ...(project === undefined ? [] : [project]),
    ...(test ? [dirname(programDir)] : []),
    programDir,
    join(programDir, 'modules'),
    ...(project === undefined ? [] : [join(project, 'modules')]),
  ];
  const usable = (folder: string | undefined): folder is string =>
    folder !== undefined && folders.filesOf(folder, false).length > 0;
  for (const root of roots) {
    const folder = below(folders, root, module);
    if (usable(folder)) return asFound(folder, places);
  }
  const library = inLibrary(module, places);
  if (library) return library;
  for (const root of [...(modules === undefined ? [] : [modules]), ...parents]) {
    const folder = below(folders, root, module);
    if (usable(folder)) return asFound(folder, places);
  }
  return undefined;
}
