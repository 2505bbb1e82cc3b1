/**
 * Memory after the cases of conformance is what it was before them: each case runs twice, heaps are
 * checked when it has run, blocks and freed memory after each module (memory_of_cases.erl).
 *
 * `CONFORMANCE=AREA/NAME` runs the modules whose path begins so.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  assertSomethingChosen,
  caseModules,
  compileCases,
  outputOnPc,
} from '../conformance_run.ts';

const driver = 'memory_of_cases';

/** What may grow: lines begin with the module, the number and the name of the case. */
const growing: readonly { readonly cases: RegExp; readonly why: string }[] = [
  { cases: /^code_at_once,/, why: 'literals of modules that were purged are kept' },
  {
    cases: /^terms_and_counters,.*persistent_term : /,
    why: 'persistent terms that were replaced or erased are kept',
  },
  {
    cases: /^spawning,.*lists : seq \( 1 , 1000 \)/,
    why: 'a thousand new pids are a new page of the process table, until all pages are there',
  },
];

test('CONFORMANCE chooses something', assertSomethingChosen);

const modules = caseModules();

test('memory is what it was, and sound, after the cases of conformance', {
  skip: !modules.length,
}, async (t) => {
  const work = mkdtempSync(join(tmpdir(), 'vbeam-memory-cases-'));
  try {
    const beams = compileCases(work, modules, [join(import.meta.dirname, `${driver}.erl`)]);
    const text = await outputOnPc(beams, driver);
    const checked = [...text.matchAll(/^\{checked,(\w+),(\d+)\}\r?$/gm)];
    t.diagnostic(`${checked.reduce((sum, [, , cases]) => sum + Number(cases), 0)} cases`);
    assert.deepEqual(text.match(/^\{unsound,.*$/gm) ?? [], []);
    const grown = [...text.matchAll(/^\{grows,(.*)\}\r?$/gm)];
    const unknown = grown.filter(([, name = '']) => !growing.some(({ cases }) => cases.test(name)));
    assert.deepEqual(
      unknown.map(([line]) => line),
      [],
    );
    assert.equal(checked.length, modules.length);
  } finally {
    rmSync(work, { recursive: true });
  }
});
