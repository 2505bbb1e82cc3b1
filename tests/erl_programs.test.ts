/**
 * Ports to programs of the host, os:cmd, signals, slow readers and escripts under `vbeam erl`,
 * beside OTP's `erl`. `VBEAM_ERL=PROGRAM` names another program that stands in for erl.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

const work = mkdtempSync(join(tmpdir(), 'vbeam-programs-'));
after(() => rmSync(work, { recursive: true, force: true }));
const cli = join(import.meta.dirname, '..', 'cli');
const ours = process.env.VBEAM_ERL ?? join(cli, 'vbeam-erl.mjs');
const timeoutMs = 300_000;
const env = { ...process.env, LC_ALL: 'C.UTF-8', ERL_CRASH_DUMP_SECONDS: '0' };

const escript = `#!/usr/bin/env escript
%%! -x "of the file"
main(Words) ->
    io:format("~p ~p ~p~n", [Words, escript:script_name(), init:get_argument(x)]),
    io:format("~p~n", [io:get_line("")]),
    halt(length(Words)).
`;

function run(program: string, args: readonly string[], input = '', more = {}) {
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd: work,
    env: { ...env, ...more },
    input,
    encoding: 'utf8',
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  return { stdout, stderr, status };
}

describe('vbeam erl and the host', () => {
  before(() => {
    execFileSync('erlc', ['-o', work, join(import.meta.dirname, 'programs', 'host_programs.erl')]);
    writeFileSync(join(work, 'plain'), 'no program');
    writeFileSync(join(work, 'shown.escript'), escript);
    chmodSync(join(work, 'shown.escript'), 0o755);
  });

  test('ports to programs', () => {
    const args = ['-noshell', '-s', 'host_programs', 'main'];
    const [got, want] = [run(ours, args), run('erl', args)];
    assert.deepEqual(got.stdout.split('\n'), want.stdout.split('\n'));
    assert.deepEqual(got, want);
  });

  for (const signal of ['SIGTERM', 'SIGUSR1', 'SIGQUIT'] as const)
    test(`${signal} ends it as it ends erl`, async () => {
      const [got, want] = [await signalled(ours, signal), await signalled('erl', signal)];
      assert.deepEqual(got, want);
    });

  test('a slow reader of its output delays nobody else', () => {
    const code =
      'spawn(fun() -> io:put_chars(lists:duplicate(1000000, $a)), halt() end), timer:sleep(500), file:write_file("ticked", "yes").';
    const script = `"$0" -noshell -eval '${code}' | (for i in $(seq 200); do [ -s ticked ] && break; sleep 0.5; done; cat ticked; echo; wc -c)`;
    const { stdout } = run('/bin/sh', ['-c', script, ours]);
    assert.equal(stdout, 'yes\n1000000\n');
  });

  const big = 'binary:copy(<<"y">>, 200000)';
  for (const [name, code] of Object.entries({
    'to a slow reader': 'io:put_chars(lists:duplicate(300000, $x)), halt(3, [{flush, true}]).',
    'to a slow reader, when nothing is said': 'io:put_chars(lists:duplicate(300000, $x)), halt(3).',
    'by a port to standard output': `port_command(open_port({fd, 0, 1}, [out]), ${big}, [nosuspend]), halt(4, [{flush, true}]).`,
    'of both streams':
      'io:put_chars(standard_error, "e\n"), io:put_chars("o\n"), halt(5, [{flush, true}]).',
    'of init:stop': 'io:put_chars(lists:duplicate(300000, $x)), init:stop(6).',
    'to a slow program': `P = open_port({spawn, "sh -c "sleep 1; cat > slowly""}, [out]), port_command(P, ${big}, [nosuspend]), halt(7, [{flush, true}]).`,
  }))
    test(`halt waits for what is not written yet: ${name}`, () => {
      const ended = `for i in $(seq 100); do [ "$(stat -c %s slowly 2>/dev/null)" = 200000 ] && break; sleep 0.1; done`;
      const wait = code.includes('slowly') ? ended : 'true';
      const script = `rm -f slowly; { "$0" -noshell -eval '${code}' 2>err; echo $? >status; } | { sleep 1; wc -c; }; ${wait}; cat status err; cat slowly 2>/dev/null | wc -c`;
      const [got, want] = [ours, 'erl'].map((each) => run('/bin/sh', ['-c', script, each]));
      assert.deepEqual(got, want);
    });

  test('a reader that is gone', () => {
    const code = 'io:format("one~ntwo~n"), timer:sleep(500), io:format("three~n"), halt(0).';
    const script = `"$0" -noshell -eval '${code}' 2>&1 | head -1`;
    const [got, want] = [ours, 'erl'].map((each) => run('/bin/sh', ['-c', script, each]));
    assert.deepEqual(got, want);
  });

  test('an escript', () => {
    const args = ['shown.escript', 'a', '--b', '-c'];
    const emulator = { ESCRIPT_EMULATOR: ours };
    assert.deepEqual(run('escript', args, 'in\n', emulator), run('escript', args, 'in\n'));
  });
});

/** What a system prints that gets a signal when it runs, and how it ends. */
function signalled(program: string, signal: NodeJS.Signals) {
  return new Promise<object>((resolve) => {
    const code = 'io:format("up~n"), timer:sleep(60000).';
    const child = spawn(program, ['-noshell', '-eval', code], { cwd: work, env });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let stdout = '';
    child.stdout.on('data', (bytes) => {
      if (!stdout.includes('up')) child.kill(signal);
      stdout += bytes;
    });
    child.on('close', (status, by) => {
      clearTimeout(timer);
      const dated = stdout.replace(/\d\d-\w{3}-\d{4}::[\d:.]+/g, 'TIME');
      resolve({ stdout: dated, status, by });
    });
  });
}
