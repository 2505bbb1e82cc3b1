/**
 * `vbeam escript` beside OTP's `escript`: what escripts print, and how they end. Escripts of
 * source, of a compiled module and of an archive; those that fail, and those that are none.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

const work = mkdtempSync(join(tmpdir(), 'vbeam-escript-'));
after(() => rmSync(work, { recursive: true, force: true }));
const vbeam = join(import.meta.dirname, '..', 'cli', 'vbeam.mjs');
const timeoutMs = 300_000;

function run(program: string, args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(program, args, {
    cwd: work,
    env: { ...process.env, LC_ALL: 'C.UTF-8', ERL_CRASH_DUMP_SECONDS: '0' },
    input: 'a line\nanother\n',
    encoding: 'utf8',
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  return { stdout, stderr, status };
}

const scripts: Readonly<Record<string, string>> = {
  'plain.escript': `#!/usr/bin/env escript
main(Words) ->
    io:format("~p ~p~n", [Words, escript:script_name()]),
    io:format("~ts", [io:get_line("")]),
    io:format(standard_error, "to stderr ~ts~n", [[8364]]),
    halt(length(Words)).
`,
  'compiled.escript': `#!/usr/bin/env escript
%% -*- erlang -*-
%%! -extra_flag value
-module(compiled).
-mode(compile).
-record(point, {x, y = 2}).
main(_) ->
    io:format("~p ~p~n", [#point{x = 1}, init:get_argument(extra_flag)]),
    io:format("~p~n", [lists:sum([F(3) || F <- [fun double/1, fun(X) -> X + 1 end]])]).
double(X) -> 2 * X.
`,
  'crash.escript': `#!/usr/bin/env escript
main([Class]) -> erlang:raise(list_to_atom(Class), reason, []).
`,
  'wrong.escript': `#!/usr/bin/env escript
main(_) -> undefined_function(), X.
`,
  'syntax.escript': `#!/usr/bin/env escript
main(_) -> ok
other() -> .
`,
  'no_main.escript': `#!/usr/bin/env escript
start(_) -> ok.
`,
  'empty.escript': '',
};

/** An escript that holds an archive with a module and a file, which it reads. */
const packing = `
{ok, packed, Beam} = compile:forms([
    {attribute, 1, module, packed},
    {attribute, 1, export, [{main, 1}]},
    {function, 1, main, 1, [{clause, 1, [{var, 1, 'Words'}], [], [
        {call, 1, {remote, 1, {atom, 1, erlang}, {atom, 1, display}}, [{var, 1, 'Words'}]},
        {call, 1, {remote, 1, {atom, 1, erlang}, {atom, 1, display}}, [
            {call, 1, {remote, 1, {atom, 1, escript}, {atom, 1, extract}}, [
                {call, 1, {remote, 1, {atom, 1, escript}, {atom, 1, script_name}}, []},
                {cons, 1, {atom, 1, compile_source}, {nil, 1}}]} ]}]}]}]),
ok = escript:create("packed.escript",
    [shebang, {emu_args, "-escript main packed"},
     {archive, [{"packed.beam", Beam}, {"data.txt", <<"data">>}], []}]),
halt().
`;

describe('vbeam escript', () => {
  before(() => {
    for (const [name, text] of Object.entries(scripts)) writeFileSync(join(work, name), text);
    execFileSync('erl', ['-noshell', '-eval', packing], { cwd: work });
  });

  const commands: readonly (readonly string[])[] = [
    ['plain.escript', 'a', '--b', '-c', 'größe'],
    ['compiled.escript'],
    ['-c', 'plain.escript', 'x'],
    ['-s', 'wrong.escript'],
    ['crash.escript', 'error'],
    ['crash.escript', 'exit'],
    ['crash.escript', 'throw'],
    ['crash.escript'],
    ['wrong.escript'],
    ['syntax.escript'],
    ['no_main.escript'],
    ['empty.escript'],
    ['there_is_none.escript'],
    ['packed.escript', 'one', 'two'],
    [],
  ];
  for (const command of commands)
    test(`escript ${command.join(' ')}`, () => {
      const want = run('escript', command);
      const got = run(process.execPath, [vbeam, 'escript', ...command]);
      assert.deepEqual(got, want);
    });
});
