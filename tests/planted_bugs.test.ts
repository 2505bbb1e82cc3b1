/** `make planted` can plant each of its bugs: the code that it changes stands there, once. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { plantedBugs } from '../tables/planted_bugs.ts';

const root = join(import.meta.dirname, '..');

test('bugs can be planted', () => {
  assert.ok(plantedBugs.length >= 20);
  for (const { file, right, wrong, tests } of plantedBugs) {
    const text = readFileSync(join(root, file), 'utf8');
    assert.equal(text.split(right).length, 2, `${file}: ${right}`);
    assert.notEqual(right, wrong);
    for (const each of tests) assert.ok(existsSync(join(root, each.split(' ')[0] ?? '')), each);
  }
});
