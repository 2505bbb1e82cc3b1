/**
 * Native tasks from Erlang (module vbeam_task), in QEMU: machine code in ring 3 that computes,
 * loops, or does what it must not, and what its owner sees of it.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { assemble, taskPrograms } from '../nucleus/testing/task_programs.ts';
import { noQemu, systemLines, vbeam } from './command_line.ts';

const folder = mkdtempSync(join(tmpdir(), 'vbeam-tasks-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const program = join(folder, 'native_tasks.erl');

before(() => {
  const source = join(dirname(fileURLToPath(import.meta.url)), 'programs', 'native_tasks.erl');
  copyFileSync(source, program);
  const rows = taskPrograms.map((row) => `{"${row.name}", <<${[...assemble(row)]}>>}`);
  writeFileSync(join(folder, 'task_code.hrl'), `programs() -> [${rows.join(',\n')}].\n`);
});

test('tasks run, fault and loop in ring 3, and end with their owners', {
  skip: noQemu(),
  timeout: 600_000,
}, async () => {
  const result = await vbeam(['qemu', program, '--memory', '128', '--timeout', '500']);
  const lines = systemLines(result.stdout);
  const from = lines.findIndex((line) => line.startsWith('computes: '));
  assert.deepEqual(
    lines.slice(from, from + taskPrograms.length + 15),
    [
      ...taskPrograms.map(({ name, ends, orEnds }, index) =>
        lines[from + index] === `${name}: ${orEnds}` ? `${name}: ${orEnds}` : `${name}: ${ends}`,
      ),
      '{foreign,[not_owner,not_owner,not_owner,not_owner,not_owner]}',
      '{wrong,[{error,efault},{error,eexist},{error,efault},{error,efault},{error,efault},{error,einval},' +
        "'EXIT','EXIT']}",
      '{contents,true,true,{error,efault}}',
      '{strings,[{ok,<<"text">>},{error,enametoolong},{error,enametoolong},{ok,<<>>},' +
        '{error,efault},{error,efault},{error,enametoolong}]}',
      '{steps,[true],8,[badarg,badarg,badarg]}',
      '{forks,true,true,[[1,3,0],[2,0,6]],5,{fault,14,7,4194304},{ok,ok}}',
      '{threads,0,[310,312,311]}',
      '{shares,13,[13,15,14,0],[{error,efault},{error,eexist}],{error,efault}}',
      '{moves,[{error,eexist},{error,einval}],[0,2,3],[{error,efault},{error,efault}],' +
        '{error,efault},{fault,14,7,9445376}}',
      '{limits,{error,enomem},ok,512,{error,einval},true}',
      'beside a loop: {40,true,killed,0}',
      'fault is an exit: page_fault',
      'large: {enomem,true,true,0}',
      'cycles: 0',
      'frames: 0',
    ],
    result.stdout + result.stderr,
  );
  assert.equal(result.status, 0);
});

test('the simulated PC has no ring 3 to offer', async () => {
  const source = join(folder, 'no_tasks.erl');
  const text = 'main() -> io:format("~p~n", [{vbeam_task:create(), vbeam_task:frames()}]).';
  writeFileSync(source, `-module(no_tasks).\n-export([main/0]).\n${text}\n`);
  const result = await vbeam(['run', source]);
  assert.match(result.stdout, /\{\{error,enosys\},enosys\}/);
});
