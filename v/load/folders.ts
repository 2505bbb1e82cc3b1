// What the file system says while one program is loaded: each question is asked once, so that all
// modules of a program see the same folders.

import { readdirSync, statSync } from 'node:fs';
import { filesOf } from './files.ts';

export class Folders {
  private readonly kinds = new Map<string, 'folder' | 'file' | undefined>();
  private readonly listed = new Map<string, readonly string[]>();
  /** Paths of the files of a module, for a library's and for other folders. */
  private readonly files = [
    new Map<string, readonly string[]>(),
    new Map<string, readonly string[]>(),
  ];
  private readonly defines: ReadonlySet<string>;

  constructor(defines: ReadonlySet<string>) {
    this.defines = defines;
  }

  isFolder(path: string): boolean {
    return this.kindOf(path) === 'folder';
  }

  exists(path: string): boolean {
    return this.kindOf(path) !== undefined;
  }

  /** Paths of the files of a folder that are compiled together, in alphabetical order. */
  filesOf(folder: string, library: boolean): readonly string[] {
    const known = this.files[library ? 1 : 0] as Map<string, readonly string[]>;
    let found = known.get(folder);
    if (!found) {
      found = this.isFolder(folder)
        ? filesOf(folder, this.names(folder), this.defines, library)
        : [];
      known.set(folder, found);
    }
    return found;
  }

  private names(folder: string): readonly string[] {
    let names = this.listed.get(folder);
    if (!names) {
      names = namesIn(folder);
      this.listed.set(folder, names);
    }
    return names;
  }

  private kindOf(path: string): 'folder' | 'file' | undefined {
    const known = this.kinds.get(path);
    if (known !== undefined || this.kinds.has(path)) return known;
    const kind = kindOf(path);
    this.kinds.set(path, kind);
    return kind;
  }
}

/** The names in a folder in alphabetical order; none where nothing can be read. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

export function kindOf(path: string): 'folder' | 'file' | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats && (stats.isDirectory() ? 'folder' : 'file');
  } catch {
    // A file stands where a folder of the path would have to be, or nobody may look there.
    return undefined;
  }
}
