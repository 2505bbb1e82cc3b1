/**
 * The tables of the kernel's functions: instructions are what the assembler makes of their text,
 * and every function has as many arguments as the kernel's types say.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildForErl, kernelOrReason, onErl, writeModules } from './kernel_modules.ts';

const work = mkdtempSync(join(tmpdir(), 'vbeam-functions-'));
after(() => rmSync(work, { recursive: true, force: true }));
before(() => buildForErl(work));

/** The bytes of instructions with `; ` between them. */
function assembled(text: string): string {
  const lines = text.split('; ').map((line) => line.replace(/^(\d): /, '$1:\n'));
  writeFileSync(join(work, 'code.s'), `${lines.join('\n')}\n`);
  execFileSync('as', ['-o', join(work, 'code.o'), join(work, 'code.s')]);
  execFileSync('objcopy', ['-O', 'binary', '-j', '.text', 'code.o', 'code.bin'], { cwd: work });
  return readFileSync(join(work, 'code.bin')).toString('hex');
}

test('instructions are what the assembler makes of them', () => {
  const print = '[io:format("~s|~s~n", [T, B]) || {_, T, B} <- vbeam_linuxkpi_code:instructions()]';
  const rows = onErl(work, print).trim().split('\n');
  assert.ok(rows.length > 20);
  for (const row of rows) {
    const [text = '', bytes = ''] = row.split('|');
    assert.equal(assembled(text), bytes, text);
  }
});

test('every function is there, with the arguments that the kernel has', async (t) => {
  const kernel = await kernelOrReason();
  if (typeof kernel === 'string') return t.skip(kernel);
  const folder = join(work, 'modules');
  await writeModules(folder, []);
  const check =
    `{ok, I} = vbeam_ko_interface:read("${folder}/interface"), vbeam_ko_interface:use(I), ` +
    'Names = vbeam_linuxkpi:symbols(), ' +
    'io:format("~p ~p ~p~n", ' +
    '[vbeam_linuxkpi:wrong_rows(), Names -- lists:usort(Names), length(Names)])';
  const [wrong, twice, count] = onErl(work, check).trim().split(' ');
  assert.equal(wrong, '[]');
  assert.equal(twice, '[]');
  t.diagnostic(`${count} functions and variables`);
  assert.ok(Number(count) >= 150);
});
