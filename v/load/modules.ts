// The modules and files of a program, as the checker sees them.

import type { Decl, SourceTree } from '../ast.ts';
import type { Diagnostic, SourceFile, SourceSet, Span } from '../source.ts';

export interface Module {
  /** What an `import` names: `math.vec`. */
  readonly path: string;
  /** What stands before the names it declares: `vec.`; nothing for main and builtin. */
  readonly prefix: string;
  readonly builtin: boolean;
  readonly units: Unit[];
}

/** One file of a module. */
export interface Unit {
  readonly file: SourceFile;
  readonly tree: SourceTree;
  /** Its declarations, with those of the branches of `$if` that hold. */
  readonly decls: readonly Decl[];
  readonly module: Module;
  /** Of the library: what is not used in it is not checked either. */
  readonly library: boolean;
  /** Imported modules by the name they have in this file. */
  readonly imports: ReadonlyMap<string, Module>;
  /** Where names come from that the file imports by themselves: `import os { args }`. */
  readonly symbols: ReadonlyMap<string, ImportedSymbol>;
}

/** A name that a file imports by itself, and where it says so. */
export interface ImportedSymbol {
  readonly module: Module;
  readonly span: Span;
}

export interface LoadedProgram {
  readonly sources: SourceSet;
  /** Each after those that it imports; builtin first, the program's own last. */
  readonly modules: readonly Module[];
  readonly main: Module;
  /** Syntax errors and failed imports. */
  readonly diagnostics: readonly Diagnostic[];
  readonly defines: ReadonlySet<string>;
  readonly test: boolean;
  /** Global variables are allowed everywhere. */
  readonly globals: boolean;
}
