/**
 * Conformance: every program tests/conformance/AREA/NAME.erl is run by the installed `erl` and by
 * this VM on the simulated PC, without supervision tree; both must print the same. A program
 * exports run/0 and prints with erlang:display/1. `CONFORMANCE=AREA/NAME` runs that program only.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ArchiveFile } from '../../image/tar.ts';
import { buildVm } from '../../tools/build_vm.ts';
import { bootFiles, runBare } from '../bare_run.ts';

const here = dirname(fileURLToPath(import.meta.url));
const beams = join(here, '..', '..', 'build', 'conformance');
const memoryBytes = 256 << 20;
const reductionsMax = 2_000_000_000;
const erlSecondsMax = 300;

interface Program {
  readonly area: string;
  readonly name: string;
}

const programs: readonly Program[] = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: area }) =>
    readdirSync(join(here, area))
      .filter((file) => file.endsWith('.erl'))
      .map((file) => ({ area, name: file.slice(0, -4) })),
  )
  .filter(({ area, name }) =>
    process.env.CONFORMANCE ? process.env.CONFORMANCE === `${area}/${name}` : true,
  );

function compilePrograms(): void {
  mkdirSync(beams, { recursive: true });
  const sources = programs.map(({ area, name }) => join(here, area, `${name}.erl`));
  execFileSync('erlc', ['-W0', '-o', beams, ...sources], { stdio: 'inherit' });
}

/** What erl prints for each program, in one run: each program in a process of its own. */
function runErl(): Map<string, string> {
  const names = programs.map(({ name }) => `'${name}'`).join(',');
  const code = `[begin
      erlang:display({program, N}),
      {P, M} = spawn_monitor(N, run, []),
      receive {'DOWN', M, process, P, normal} -> ok;
              {'DOWN', M, process, P, R} -> erlang:display({ended, R}) end
    end || N <- [${names}]], halt().`;
  const text = execFileSync('erl', ['-noshell', '-pa', beams, '-eval', code], {
    encoding: 'utf8',
    timeout: erlSecondsMax * 1000,
    maxBuffer: 64 << 20,
  }).replaceAll('\r', '');
  const parts = text.split(/^\{program,'?(\w+)'?\}\n/m).slice(1);
  const outputs = new Map<string, string>();
  for (let i = 0; i < parts.length; i += 2) outputs.set(parts[i]!, parts[i + 1]!);
  return outputs;
}

function runHere(wasm: WebAssembly.Module, otp: readonly ArchiveFile[], program: Program): string {
  const beam = join(beams, `${program.name}.beam`);
  return runBare({ wasm, otp, beam, memoryBytes, reductionsMax });
}

/** Line by line, so that the message shows the first line that differs. */
function compare(got: string, want: string): void {
  const gotLines = got.split('\n');
  const wantLines = want.split('\n');
  const at = wantLines.findIndex((line, i) => line !== gotLines[i]);
  if (at >= 0 || gotLines.length !== wantLines.length) {
    const line = at < 0 ? wantLines.length : at;
    assert.fail(`line ${line + 1}\n  erl:  ${wantLines[line]}\n  here: ${gotLines[line]}`);
  }
}

describe('programs print what erl prints', { concurrency: 1 }, () => {
  let wasm: WebAssembly.Module;
  let otp: readonly ArchiveFile[];
  let expected: Map<string, string>;

  before(async () => {
    compilePrograms();
    expected = runErl();
    otp = bootFiles();
    wasm = new WebAssembly.Module(Buffer.from((await buildVm({ level: 1 })).wasm));
  });

  for (const program of programs) {
    test(`${program.area}/${program.name}`, () => {
      const want = expected.get(program.name);
      assert.ok(want, 'erl printed nothing');
      compare(runHere(wasm, otp, program), want);
    });
  }
});
