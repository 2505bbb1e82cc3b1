/** What can be said about the nucleus's machine code without running it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { hostFunctions } from '../tables/host.ts';
import { nucleusCode } from './kernel.ts';
import { linuxHostCode } from './linux_host.ts';
import { readNucleus, stretchesWithInterruptsOff, stubPaths } from './testing/code_paths.ts';

const directory = mkdtempSync(join(tmpdir(), 'vbeam-code-'));
after(() => rmSync(directory, { recursive: true }));
const path = (name: string) => join(directory, name);
const options = { linearBytesMin: 1 << 20 };

for (const [name, make] of [
  ['nucleus', () => nucleusCode(options)],
  ['Linux host layer', linuxHostCode],
] as const) {
  test(`GNU as makes the same bytes of the ${name}'s listing`, () => {
    const nucleus = make();
    const text = nucleus.finish().sections.find((section) => section.name === '.text');
    const listing = `.intel_syntax noprefix\n.text\n${nucleus.code.listing('.text')}`;
    writeFileSync(path('a.s'), listing);
    execFileSync('as', ['-o', 'a.o', 'a.s'], { cwd: directory });
    execFileSync('objcopy', ['-O', 'binary', '-j', '.text', 'a.o', 'a.bin'], { cwd: directory });
    const theirs = readFileSync(path('a.bin'));
    const ours = Buffer.from(text?.bytes ?? []);
    const differs = theirs.findIndex((byte, index) => byte !== ours[index]);
    assert.equal(differs, -1, `first difference at ${differs} of ${ours.length}`);
    assert.equal(theirs.length, ours.length);
  });

  test(`the ${name} defines every host function`, () => {
    const { symbols } = make().finish();
    const defined = new Set(
      symbols.filter(({ section }) => section !== 'undefined').map((one) => one.name),
    );
    const missing = hostFunctions.filter((one) => !defined.has(`host_${one.name}`));
    assert.deepEqual(missing, []);
  });
}

test('interrupt stubs have no loop, no call, and at most 40 instructions on every path', () => {
  const { stub, taskLeave } = stubPaths(readNucleus());
  console.log(`figure isr_instructions_max ${stub} instructions`);
  assert.ok(stub <= 40, `${stub}`);
  // One that meets a native task goes back to who runs the task instead.
  console.log(`figure task_leave_instructions ${taskLeave} instructions`);
  assert.ok(taskLeave <= 100, `${taskLeave}`);
});

test('interrupts are never off for long, and for no loop', () => {
  const [longest] = stretchesWithInterruptsOff(readNucleus());
  console.log(`figure interrupts_off_instructions_max ${longest!.instructions} instructions`);
  assert.ok(longest!.instructions <= 200, `${longest!.instructions} from ${longest!.where}`);
});
