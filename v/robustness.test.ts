// Whatever the input, the compiler answers with a program or with errors: it does not throw and it
// does not hang. Inputs are prefixes and token mutations of real programs, chosen by a seed that a
// failure prints.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compileV, formatDiagnostics } from './compile.ts';
import { mutated, random, tokenTexts } from './mutants.ts';

const here = dirname(fileURLToPath(import.meta.url));
const seed = Number(process.env.V_SEED ?? 20260822);
const prefixesPerFile = 40;
const mutationsPerFile = 60;
const compileMsMax = 4000;

function compiles(name: string, source: string): void {
  const before = performance.now();
  let shown = '';
  try {
    const result = compileV(name, source);
    if ('errors' in result) {
      assert.ok(result.errors.length > 0, 'rejected without an error');
      shown = formatDiagnostics(name, source, result.errors);
      assert.ok(shown.length > 0);
    }
  } catch (error) {
    assert.fail(`seed ${seed}, ${name}: ${(error as Error).stack}\n--- source\n${source}`);
  }
  const took = performance.now() - before;
  assert.ok(took < compileMsMax, `seed ${seed}, ${name} took ${took} ms\n--- source\n${source}`);
}

const folders = ['testdata', 'testdata/errors', '../examples'];
const files = folders.flatMap((folder) =>
  readdirSync(join(here, folder))
    .filter((n) => n.endsWith('.v'))
    .map((n) => join(here, folder, n)),
);
for (const file of files) {
  const name = file.slice(here.length + 1);
  const source = readFileSync(file, 'utf8');

  test(`${name}: prefixes`, () => {
    const pick = random(seed ^ source.length);
    for (let i = 0; i < prefixesPerFile; i++)
      compiles(name, source.slice(0, pick(source.length + 1)));
  });

  test(`${name}: token mutations`, () => {
    const pick = random((seed * 31) ^ source.length);
    const texts = tokenTexts(source);
    for (let i = 0; i < mutationsPerFile; i++) compiles(name, mutated(texts, pick));
  });
}

test('bytes that are no text', () => {
  const pick = random(seed);
  for (let i = 0; i < 200; i++) {
    const bytes = Buffer.from(Array.from({ length: 1 + pick(200) }, () => pick(256)));
    compiles('noise.v', bytes.toString('latin1'));
    compiles('noise.v', bytes.toString('utf8'));
  }
});

test('programs that would need endless types', () => {
  compiles('endless.v', 'fn f[T](x T) { f[[]T]([x]) }\nfn main() { f[int](1) }\n');
  compiles('endless.v', 'struct S[T] { next &S[[]T] }\nfn main() { s := S[int]{} println(s) }\n');
  compiles('endless.v', 'struct S { s S }\nfn main() { println(S{}) }\n');
  compiles('endless.v', 'type A = B\ntype B = A\nfn main() { a := A(1) println(a) }\n');
  compiles('endless.v', 'const a = b\nconst b = a\nfn main() { println(a) }\n');
});
