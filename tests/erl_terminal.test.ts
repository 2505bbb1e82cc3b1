/**
 * `vbeam erl` at a terminal beside OTP's `erl`: sessions of the shell on a pseudo terminal, the
 * BREAK menu, and how the terminal is left. `VBEAM_ERL=PROGRAM` names another program that stands
 * in for erl.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { enter, jobControl, noScript, onTerminal, sessions } from './shell_sessions.ts';

const command = join(import.meta.dirname, '..', 'cli', 'vbeam.mjs');
const ours = process.env.VBEAM_ERL ?? `${process.execPath} ${command} erl`;

/** All of tests/shell_keys.test.ts for a program that was named, since they take their time. */
const few = ['several lines, funs, binaries, Unicode'];
const shared = process.env.VBEAM_ERL ? Object.keys(sessions) : few;
/** The VM in Node, on a machine that does other things, too, takes its time to answer. */
const quietMs = 1000;
const own: Readonly<Record<string, readonly string[]>> = {
  'the size of the window': [`io:columns().${enter}`, `io:rows().${enter}`],
  'the BREAK menu, and going on': [`1.${enter}`, '\x03', `c${enter}`, `2.${enter}`],
  'a program that writes': [`os:cmd("echo from the host").${enter}`],
  'the end of a shell': [`A = 1.${enter}`, jobControl, `s${enter}`, `c${enter}`, `A.${enter}`],
};
const rows = [
  ...shared.map((name) => [name, sessions[name] ?? []] as const),
  ...Object.entries(own),
];

describe('vbeam erl at a terminal shows what erl shows', { skip: noScript }, () => {
  for (const [name, steps] of rows)
    test(name, async () => {
      const [want, got] = [await onTerminal('erl', steps), await onTerminal(ours, steps, quietMs)];
      assert.ok(want.length > 1, 'erl showed nothing');
      assert.deepEqual(got, want);
    });

  for (const [name, code] of [
    ['halt', 'halt().'],
    ['init:stop', 'init:stop().'],
    ['a crash of the kernel', 'exit(whereis(application_controller), kill).'],
  ] as const)
    test(`the terminal is left as it was found: ${name}`, () => {
      const script = `stty -a > before; ${ours} -eval '${code}' > /dev/null 2>&1 < /dev/tty; stty -a > after; cmp before after && echo same`;
      const { stdout } = spawnSync(
        'script',
        ['-qec', `cd $(mktemp -d) && export ERL_CRASH_DUMP_SECONDS=0 && ${script}`, '/dev/null'],
        { encoding: 'utf8', env: { ...process.env, TERM: 'xterm' }, timeout: 120_000 },
      );
      assert.match(stdout, /same/);
    });
});
