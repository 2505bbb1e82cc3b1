/** From a row of programs.ts to what a host runs: modules compiled, files read. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArchiveFile } from '../../image/tar.ts';
import type { Task } from './hosts.ts';
import { type ProofProgram, proofPrograms } from './programs.ts';

/** Debian packages that a program needs and that are not installed. */
export function missingPackages(program: ProofProgram): string[] {
  return program.needs.filter(({ path }) => !existsSync(path())).map((need) => need.package);
}

function compileModules(sources: readonly string[], folder: string): ArchiveFile[] {
  if (!sources.length) return [];
  mkdirSync(folder, { recursive: true });
  const paths = sources.map((name) => join(import.meta.dirname, name));
  execFileSync('erlc', ['-W0', '-pa', folder, '-o', folder, ...paths], { stdio: 'inherit' });
  return readdirSync(folder).map((path) => ({ path, bytes: readFileSync(join(folder, path)) }));
}

/** The task of a program; modules are compiled into a folder below `work`. */
export function taskOf(name: string, work: string): Task {
  const program = proofPrograms.find((each) => each.name === name);
  if (!program) throw new Error(`there is no program ${name}`);
  const task = program.task();
  const modules = compileModules(program.modules ?? [], join(work, `modules_of_${name}`));
  return { ...task, files: [...modules, ...(task.files ?? [])] };
}
