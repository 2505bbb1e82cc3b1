/**
 * Conformance by cases: a module of tests/conformance/ with cases/0, a list of {Name, Fun}, has the
 * same results on the installed `erl` and here (conformance_run.ts).
 *
 * `CONFORMANCE=AREA/NAME` runs the modules whose path begins so. Programs that print:
 * conformance.test.ts.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  assertSomethingChosen,
  type CaseResults,
  caseModules,
  compareModule,
  compileCases,
  differenceText,
  resultsOnErl,
  resultsOnPc,
} from './conformance_run.ts';

const work = mkdtempSync(join(tmpdir(), 'vbeam-conformance-'));
after(() => rmSync(work, { recursive: true, force: true }));

const modules = caseModules();

test('CONFORMANCE chooses something', assertSomethingChosen);

describe('cases have the results that they have on erl', { skip: !modules.length }, () => {
  let want: CaseResults;
  let got: CaseResults;
  before(async () => {
    const beams = compileCases(work, modules);
    want = resultsOnErl(beams);
    got = await resultsOnPc(beams);
  });

  for (const module of modules)
    test(`${module.area}/${module.name}`, (t) => {
      const comparison = compareModule(module, want, got);
      const { all, differing, known, gone } = comparison;
      assert.ok(all.length > 0, 'erl printed nothing');
      t.diagnostic(`${all.length} cases compared`);
      const count = differing.length - known.length;
      const text = differenceText(comparison, want, got);
      assert.equal(count, 0, `${count} of ${all.length} differ:\n${text}`);
      // The list of known differences only shrinks: a row whose difference is gone must go.
      assert.deepEqual(gone, [], 'known differences that are none any more');
    });
});
