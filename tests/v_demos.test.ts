/**
 * A V program with a file beside it and arguments, in QEMU: it prints what it prints on `erl`.
 * tests/v/demos.ts does the same with V's own examples.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noQemu, vbeam } from './command_line.ts';

const expected = [
  'the       4',
  'and       2',
  'hill      2',
  '[2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59]',
  '7540113804746346429 and one too far -6246583658587674878',
  'Circle 7.068583',
  'Square 6.250000',
  '[0, 1, 4, 9, 16, 25, 36, 49]',
];

const skip = noQemu();
const folder = 'tests/v/demo_program';
const machines = [
  { name: 'on the simulated PC', words: ['run', folder, '/program/text.txt'], skip: false },
  {
    name: 'in QEMU',
    words: ['qemu', folder, '/program/text.txt', '--memory', '128', '--timeout', '600'],
    skip,
  },
];

for (const machine of machines) {
  const options = { skip: machine.skip, timeout: 1_800_000 };
  test(`a program of several parts ${machine.name}`, options, async () => {
    const ran = await vbeam(machine.words);
    const text = ran.stdout.replaceAll('\r', '');
    assert.ok(text.includes(expected.join('\n')), ran.stdout);
    assert.equal(ran.status, 0, ran.stdout + ran.stderr);
  });
}
