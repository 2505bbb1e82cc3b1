// Programs that one process compiles have nothing to do with each other: whatever was compiled
// before, the same code and the same messages come out.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compileV, formatDiagnostics } from './compile.ts';

const here = dirname(fileURLToPath(import.meta.url));

const compiled = (name: string, source: string): string => {
  const result = compileV(name, source);
  if ('errors' in result) return formatDiagnostics(name, source, result.errors);
  return formatDiagnostics(name, source, result.warnings) + result.core;
};

test('a function type does not remember the parameters that another program gave it', () => {
  const program = (name: string): string => `
interface Shape {
	scaled(${name} int) int
}

struct Square {}

fn (s Square) scaled(${name} int) int {
	return ${name}
}

fn main() {
	println(Shape(Square{}).scaled(3))
}
`;
  const first = compiled('a.v', program('factor'));
  assert.match(first, /factor/);
  const second = compiled('a.v', program('divisor'));
  assert.equal(second, first.replaceAll('factor', 'divisor'));
});

test('programs compiled forwards and backwards', () => {
  const files = ['testdata', 'testdata/errors', 'testdata/warnings', '../examples'].flatMap(
    (folder) =>
      readdirSync(join(here, folder))
        .filter((name) => name.endsWith('.v'))
        .map((name) => join(here, folder, name)),
  );
  const all = files.map((path) => ({ path, source: readFileSync(path, 'utf8') }));
  const forwards = all.map(({ path, source }) => compiled(path, source));
  const backwards = [...all].reverse().map(({ path, source }) => compiled(path, source));
  backwards.reverse();
  for (const [i, { path }] of all.entries()) assert.equal(backwards[i], forwards[i], path);
});
