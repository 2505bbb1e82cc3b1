/**
 * The cases of conformance leave no memory behind: each module runs twice and needs no more the
 * second time, or its cases need no more each time (memory_of_cases.erl). Heaps and blocks are
 * walked after each case.
 *
 * `CONFORMANCE=AREA/NAME` runs the modules whose path begins so.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { caseModules, compileCases, outputOnPc } from '../conformance_run.ts';

const driver = 'memory_of_cases';

test('memory is what it was, and sound, after the cases of conformance', async (t) => {
  const work = mkdtempSync(join(tmpdir(), 'vbeam-memory-cases-'));
  try {
    const modules = caseModules(process.env.CONFORMANCE);
    const beams = compileCases(work, modules, [join(import.meta.dirname, `${driver}.erl`)]);
    const text = await outputOnPc(beams, driver);
    const checked = [...text.matchAll(/^\{checked,(\w+),(\d+)\}\r?$/gm)];
    t.diagnostic(`${checked.reduce((sum, [, , cases]) => sum + Number(cases), 0)} cases`);
    assert.deepEqual(text.match(/^\{(grows|unsound),.*$/gm) ?? [], []);
    assert.equal(checked.length, modules.length);
  } finally {
    rmSync(work, { recursive: true });
  }
});
