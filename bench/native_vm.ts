/**
 * Programs on our VM as a Linux program, and on `erl`: a program is a module with main/0, which
 * shows its result as the last line.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { buildBootArchive, buildDir } from '../image/boot_archive.ts';
import type { BootKind } from '../image/boot_file.ts';
import { compileErlang } from '../image/erlang.ts';
import { buildLinux } from '../image/kernel.ts';
import { cpuRun, lastLine } from './cpu_time.ts';
import { progress } from './figures.ts';

/** A folder for one run of the benchmarks, with the VM's executable in it. */
export interface NativeVm {
  readonly executable: string;
  readonly folder: string;
}

export async function withNativeVm(use: (vm: NativeVm) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-bench-'));
  try {
    const executable = join(folder, 'vbeam');
    writeFileSync(executable, await buildLinux(progress), { mode: 0o755 });
    await use({ executable, folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compile the text of a module. */
export async function compileText(folder: string, name: string, text: string): Promise<string> {
  const source = join(folder, `${name}.erl`);
  writeFileSync(source, text);
  const [beam] = await compileErlang([source], join(buildDir, 'bench'));
  return beam!;
}
/** A module whose main/0 shows the result of `call`. */
export function wrapper(folder: string, name: string, call: string): Promise<string> {
  const text = `-module(${name}).\n-export([main/0]).\nmain() -> erlang:display(${call}).\n`;
  return compileText(folder, name, text);
}

/** A boot archive that calls NAME:main(). */
export function programArchive(
  name: string,
  beams: readonly string[],
  kind: BootKind = 'bare',
): Promise<Uint8Array> {
  return buildBootArchive(kind, { name, module: name, function: 'main', args: [], beams });
}

/** The same as a file for our executable, and a folder of modules for erl. */
export interface Prepared {
  readonly archive: string;
  readonly erlArgs: readonly string[];
}
export async function prepare(
  vm: NativeVm,
  name: string,
  beams: readonly string[],
  kind: BootKind = 'bare',
): Promise<Prepared> {
  const archive = join(vm.folder, `${name}.tar`);
  writeFileSync(archive, await programArchive(name, beams, kind));
  const ebin = join(vm.folder, `${name}.ebin`);
  mkdirSync(ebin, { recursive: true });
  for (const beam of beams) copyFileSync(beam, join(ebin, basename(beam)));
  return { archive, erlArgs: ['-noshell', '-pa', ebin, '-eval', `${name}:main(), halt().`] };
}

export interface Pair {
  readonly ours: number;
  readonly theirs: number;
  readonly sameResult: boolean;
}

/** Minimum CPU time of interleaved runs of NAME:main() on both. */
export async function compare(
  vm: NativeVm,
  name: string,
  beams: readonly string[],
  runs: number,
): Promise<Pair> {
  const { archive, erlArgs } = await prepare(vm, name, beams);
  let ours = Number.POSITIVE_INFINITY;
  let theirs = Number.POSITIVE_INFINITY;
  let sameResult = true;
  for (let i = 0; i < runs; i++) {
    const mine = await cpuRun(vm.executable, [archive], vm.folder);
    const reference = await cpuRun('erl', erlArgs, vm.folder);
    ours = Math.min(ours, mine.cpuS);
    theirs = Math.min(theirs, reference.cpuS);
    sameResult &&= lastLine(mine.stderr) === lastLine(reference.stdout);
  }
  return { ours, theirs, sameResult };
}

/** A pair without what starting up takes on each side. */
export function without(start: Pair, pair: Pair): Pair {
  return {
    ...pair,
    ours: Math.max(pair.ours - start.ours, 0.001),
    theirs: Math.max(pair.theirs - start.theirs, 0.001),
  };
}
