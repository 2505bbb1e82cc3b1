/**
 * C programs below tests/linux/programs, linked statically, run on this Linux and in QEMU on ours:
 * the same output and the same end.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { noQemu, systemLines, vbeam } from '../command_line.ts';

const here = import.meta.dirname;
const names = readdirSync(join(here, 'programs'))
  .filter((name) => name.endsWith('.c'))
  .map((name) => basename(name, '.c'))
  .sort();
const skip = noQemu();
const folder = mkdtempSync(join(tmpdir(), 'vbeam-linux-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const signals: Readonly<Record<string, number>> = { SIGTERM: 15, SIGKILL: 9, SIGSEGV: 11 };
interface Run {
  readonly lines: readonly string[];
  readonly ended: string;
}
let ours: ReadonlyMap<string, Run> = new Map();
let rest: readonly string[] = [];

function compile(name: string): void {
  const source = join(here, 'programs', `${name}.c`);
  const flags = ['-static', '-O1', '-pthread', '-Wall', '-Werror'];
  const built = spawnSync('gcc', [...flags, '-o', join(folder, name), source], {
    encoding: 'utf8',
  });
  assert.equal(built.status, 0, built.stderr);
}

function onLinux(name: string): Run {
  const run = spawnSync(join(folder, name), { encoding: 'utf8', timeout: 60_000, argv0: name });
  const signal = run.signal ? `{signal,${signals[run.signal] ?? run.signal}}` : undefined;
  return {
    lines: run.stdout.split('\n').slice(0, -1),
    ended: signal ?? `{exit_status,${run.status}}`,
  };
}

before(
  async () => {
    if (skip) return;
    for (const name of names) compile(name);
    const program = join(here, 'run_programs.erl');
    const options = ['--linux', '--add', `${folder}:/programs`, '--timeout', '400'];
    const run = await vbeam(['qemu', program, ...options, '--', ...names]);
    const lines = systemLines(run.stdout);
    const found = new Map<string, Run>();
    for (const name of names) {
      const from = lines.indexOf(`PROGRAM ${name}`);
      const to = lines.findIndex((line, index) => index > from && line.startsWith('ENDED '));
      if (from >= 0 && to >= 0)
        found.set(name, {
          lines: lines.slice(from + 1, to),
          ended: lines[to]?.slice('ENDED '.length) ?? '',
        });
    }
    ours = found;
    rest = lines.filter((line) => /^(left|missing): /.test(line));
    assert.equal(run.status, 0, run.stdout + run.stderr);
  },
  { timeout: 1_200_000 },
);

for (const name of names)
  test(`${name}.c does the same as on Linux`, { skip }, () => {
    assert.deepEqual(ours.get(name), onLinux(name));
  });

test('nothing is left of the programs', { skip }, () => {
  assert.deepEqual(rest[0], 'left: [] 0');
});
