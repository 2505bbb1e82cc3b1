/**
 * The tables of built-in functions and instructions tell the truth: docs/coverage.md is what
 * `make bifs` writes, every function that counts as done can be called, a call of a missing one
 * raises an error that names it, and the loader refuses instructions it does not have by name.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { opcodeMax, opcodes } from '../tables/opcodes.ts';
import { opcodesLeftOut } from '../tables/opcodes_left_out.ts';
import {
  bifText,
  coveragePath,
  coverageText,
  instructionStates,
  type OtpBif,
  otpBifs,
} from '../tools/bifs.ts';
import { compileProgram, runOnOurs } from './program_runs.ts';
import { assemble } from './vm/loader_assembler.ts';
import { startProbe } from './vm/loader_probe.ts';

const work = mkdtempSync(join(tmpdir(), 'vbeam-bifs-'));
after(() => rmSync(work, { recursive: true, force: true }));

test('docs/coverage.md is what make bifs writes', () => {
  assert.equal(readFileSync(coveragePath, 'utf8'), coverageText());
});

test('every instruction without an implementation has a reason', () => {
  const leftOut = opcodes.filter(({ operands }) => operands === null).map(({ number }) => number);
  assert.deepEqual(
    opcodesLeftOut.flatMap(({ numbers }) => numbers).sort((a, b) => a - b),
    leftOut,
  );
  const missing = instructionStates().filter(({ state }) => state === 'missing');
  assert.deepEqual(missing, []);
});

/** A module whose only function begins with the instruction of this number. */
function moduleWith(number: number): Uint8Array {
  const bytes = assemble([{ name: 'f', arity: 0, code: ['move ok x0', 'return'] }]);
  const move = opcodes.find(({ name }) => name === 'move')!.number;
  const at = Buffer.from(bytes).indexOf(Buffer.from([1, 0x20, move]));
  assert.ok(at > 0);
  bytes[at + 2] = number;
  return bytes;
}

test('an instruction that is left out or newer is refused by number, and by name', async () => {
  const probe = await startProbe();
  for (const { number, name, operands } of opcodes) {
    if (operands !== null) continue;
    assert.throws(() => probe.load(moduleWith(number)), {
      message: `module test: Code chunk: function f/0: instruction ${name} (${number}) is obsolete: no compiler since OTP 22 makes it`,
    });
  }
  for (let number = opcodeMax + 1; number < 256; number++)
    assert.throws(() => probe.load(moduleWith(number)), {
      message: `module test: Code chunk: function f/0: instruction ${number} is not known to this VM`,
    });
});

/** These end the system, so they are looked up and not called. */
const notCalled = new Set(['erlang:halt/0']);

async function outcomes(bifs: readonly OtpBif[]): Promise<Map<string, string>> {
  const called = bifs.filter((bif) => !notCalled.has(bifText(bif)));
  const rows = called.map(({ module, name, arity }) => `    {'${module}', '${name}', ${arity}}`);
  const source = join(work, 'bif_list.erl');
  writeFileSync(
    source,
    `-module(bif_list).\n-export([functions/0]).\nfunctions() -> [\n${rows.join(',\n')}\n].\n`,
  );
  execFileSync('erlc', ['-W0', '-o', work, source]);
  const program = compileProgram(work, join(import.meta.dirname, 'bifs', 'bif_calls.erl'));
  const lines = await runOnOurs(program, { others: [join(work, 'bif_list.beam')] });
  assert.ok(lines.includes('ended'), lines.slice(-5).join('\n'));
  const found = new Map<string, string>();
  for (const line of lines) {
    const row = /^\{\{'?(\w+)'?,'?(.+?)'?,(\d+)\},(.*)\}$/.exec(line);
    if (row) found.set(`${row[1]}:${row[2]}/${row[3]}`, row[4]!);
  }
  return found;
}

describe('calls', () => {
  const bifs = otpBifs();
  let found: Map<string, string>;
  before(async () => {
    found = await outcomes(bifs.filter(({ module }) => module !== 'dyntrace'));
  });

  test('every function that counts as done can be called', () => {
    const done = bifs.filter((bif) => bif.state === 'done' && !notCalled.has(bifText(bif)));
    const wrong = done.filter((bif) => found.get(bifText(bif)) !== 'called');
    assert.deepEqual(
      wrong.map((bif) => `${bifText(bif)}: ${found.get(bifText(bif))}`),
      [],
    );
    assert.ok(done.length > 450, `${done.length} functions done`);
  });

  test('a call of a missing function raises an error that names it', () => {
    const missing = bifs.filter(({ state }) => state === 'missing');
    const wrong = missing.filter((bif) => !found.get(bifText(bif))?.includes('undef'));
    assert.deepEqual(
      wrong.map((bif) => `${bifText(bif)}: ${found.get(bifText(bif))}`),
      [],
    );
  });
});
