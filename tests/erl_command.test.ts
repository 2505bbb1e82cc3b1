/**
 * `vbeam erl` beside OTP's `erl`: each row is a command line with what it reads and its
 * environment; standard output, standard error and exit status are equal. `VBEAM_ERL=PROGRAM` names
 * another program that stands in for erl, such as what `vbeam erl --executable` prints.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

const work = mkdtempSync(join(tmpdir(), 'vbeam-erl-'));
after(() => rmSync(work, { recursive: true, force: true }));
const command = join(import.meta.dirname, '..', 'cli', 'vbeam.mjs');
const timeoutMs = 120_000;

const module = `
-module(shown).
-export([start/0, start/1, reads/0, fails/0, large/0, again/0, limit/0]).
start() -> io:format("start/0~n").
start(Args) -> io:format("~p ~p~n", [Args, init:get_plain_arguments()]).
reads() ->
    case io:get_line("") of
        eof -> io:format("end~n"), init:stop(4);
        Line -> io:format("~p~n", [Line]), reads()
    end.
fails() -> exit(why).
large() ->
    [io:put_chars(lists:duplicate(1000, $a + (I rem 26))) || I <- lists:seq(1, 500)],
    io:put_chars(standard_error, "done\\n"),
    halt(0).
%% Twice: only the environment of the program remains.
again() ->
    Round = case os:getenv("ROUND") of false -> 1; Text -> list_to_integer(Text) end,
    Left = [whereis(shown), ets:info(shown, size), persistent_term:get(shown, none),
            lists:keymember(shown, 1, application:loaded_applications()),
            erlang:module_loaded(other)],
    io:format("~p ~p ~p~n", [Round, init:get_status(), Left]),
    Processes = length([P || P <- processes(), not erts_internal:is_system_process(P)]),
    Round > 1 andalso io:format("~p~n", [Processes - list_to_integer(os:getenv("PROCESSES"))]),
    os:putenv("PROCESSES", integer_to_list(Processes)),
    register(shown, spawn(fun() -> ets:new(shown, [named_table]), receive never -> ok end end)),
    persistent_term:put(shown, Round),
    application:load({application, shown, [{vsn, "1"}]}),
    {ok, other, Code} = compile:forms([{attribute, 1, module, other}]),
    {module, other} = code:load_binary(other, "other.erl", Code),
    erlang:send_after(1000000, shown, hello),
    io:put_chars(lists:duplicate(3000, $x)),
    os:putenv("ROUND", integer_to_list(Round + 1)),
    if Round < 3 -> init:restart(); true -> io:format("~nenough~n"), init:stop(5) end.
%% As many processes as there may be, and one more in all ways.
limit() ->
    ok = logger:set_primary_config(level, none),
    Wait = fun() -> receive stop -> ok end end,
    Fill = fun Fill(Pids) ->
        try spawn(Wait) of Pid -> Fill([Pid | Pids])
        catch error:system_limit -> Pids
        end
    end,
    Pids = Fill([]),
    Limit = erlang:system_info(process_limit),
    io:format("~p ~p~n", [Limit, erlang:system_info(process_count) =:= Limit]),
    Tries = [fun() -> spawn(Wait) end, fun() -> spawn_link(Wait) end, fun() -> spawn(lists, seq, [1, 2]) end,
             fun() -> spawn_monitor(Wait) end, fun() -> spawn_opt(Wait, [link, {priority, high}]) end,
             fun() -> erlang:spawn_request(Wait, [{reply, error_only}]) end],
    Shown = fun(Try) ->
        try Try() of
            Pid when is_pid(Pid) -> pid;
            Request -> receive {spawn_reply, Request, Kind, Why} -> {Kind, Why} after 1000 -> nothing end
        catch
            Class:Reason:Trace ->
                {M, F, A, L} = hd(Trace),
                {Class, Reason, M, F, if is_list(A) -> length(A); true -> A end, L}
        end
    end,
    [io:format("~p~n", [Shown(Try)]) || Try <- Tries],
    io:format("~p~n", [process_info(self(), [links, monitors, messages])]),
    [exit(Pid, kill) || Pid <- Pids],
    receive after 100 -> ok end,
    io:format("~p ~p~n", [is_pid(spawn(Wait)), erlang:system_info(process_count) < Limit]),
    halt(0).
`;

interface Row {
  readonly name: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

const show = 'io:format("~p~n", [{init:get_plain_arguments(), init:get_argument(x)}]), halt().';
const rows: readonly Row[] = [
  {
    name: 'output, errors and status',
    args: [
      '-noshell',
      '-eval',
      'io:put_chars("out\n"), io:put_chars(standard_error, "err\n"), halt(3).',
    ],
  },
  { name: 'init:stop with a status', args: ['-noshell', '-eval', 'init:stop(7).'] },
  {
    name: 'init:restart',
    args: ['-noshell', '-s', 'shown', 'again'],
  },
  {
    name: '+P and no room for a process',
    args: ['+P', '1024', '-noshell', '-s', 'shown', 'limit'],
  },
  {
    name: 'texts that are displayed',
    args: [
      '-noshell',
      '-eval',
      'erlang:display_string("text\n"), erlang:display_nl(), erlang:display(term), halt().',
    ],
  },
  { name: '-eval that fails', args: ['-noshell', '-eval', 'foo:bar(1, two).'] },
  {
    name: '-run and -extra',
    args: [
      '-noshell',
      '-run',
      'shown',
      'start',
      'a',
      'b',
      '-s',
      'init',
      'stop',
      '-extra',
      '-c',
      '+d',
      '--',
    ],
  },
  { name: '-s', args: ['-noshell', '-s', 'shown', '-s', 'erlang', 'halt'] },
  { name: 'a start function that fails', args: ['-noshell', '-s', 'shown', 'fails'] },
  { name: 'standard input', args: ['-noshell', '-s', 'shown', 'reads'], input: 'one\ntwo\nthree' },
  {
    name: 'no input',
    args: ['-noinput', '-eval', 'io:format("~p~n", [init:get_argument(noinput)]), halt().'],
  },
  { name: 'large output', args: ['-noshell', '-s', 'shown', 'large'] },
  {
    name: 'flags of the environment',
    args: ['-noshell', '-x', 'own', '-eval', show, '--', 'plain'],
    variables: {
      ERL_FLAGS: '-x "two words" \'q\' +P 5000',
      ERL_AFLAGS: '-x first',
      ERL_ZFLAGS: '-x z\\ y -extra e',
    },
  },
  {
    name: 'a file of arguments',
    args: ['-noshell', '-args_file', 'args', '-x', 'b', '-eval', show],
  },
  {
    name: '-env',
    args: [
      '-noshell',
      '-env',
      'SHOWN',
      'ä value',
      '-eval',
      'io:format("~ts~n", [os:getenv("SHOWN")]), halt().',
    ],
  },
  { name: 'the version', args: ['-version'] },
  { name: 'a flag without its value', args: ['-noshell', '-env', 'X'] },
  { name: 'a missing file of arguments', args: ['-args_file', 'none'] },
  {
    name: '-config',
    args: [
      '-noshell',
      '-config',
      'sys',
      '-eval',
      'io:format("~p~n", [application:get_all_env(shown)]), halt().',
    ],
  },
  {
    name: 'where things are',
    args: [
      '-noshell',
      '-eval',
      'io:format("~p~n", [[element(2, file:get_cwd()), code:root_dir(), code:lib_dir(stdlib), code:which(lists), code:which(shown), lists:sort(element(2, file:list_dir("."))), [A || {A, _, _} <- application:which_applications()], init:get_argument(home), os:getenv("BINDIR"), file:read_file("text"), erlang:system_info(otp_release)]]), halt().',
    ],
  },
  { name: 'the shell, fed by a pipe', args: [], input: '1 + 2.\nX = lists:seq(1, 5).\nhalt(9).\n' },
];

/** For a program that was named: in Node each takes its time. */
const evaluate = (code: string, ...args: string[]) => ['-noshell', ...args, '-eval', code];
const more: readonly Row[] = [
  ...Object.entries({
    exit: 'exit(foo).',
    throw: 'throw(foo).',
    'arithmetic error': '1/0.',
    'syntax error': 'foo(.',
    'halt with a slogan': 'halt("why not").',
    'halt with a large status': 'halt(256).',
    'halt with a wrong status': 'catch halt(-1), halt(1).',
    'init:stop with a text': 'init:stop("bye").',
    'halt without flush': 'halt(2, [{flush, false}]).',
    'all arguments': 'io:format("~p", [init:get_arguments()]), halt().',
    environment:
      'io:format("~p", [[os:getenv(V) || V <- ["ROOTDIR", "BINDIR", "PROGNAME", "EMU", "PATH"]]]), halt().',
    'options of standard input': 'io:format("~p ~p", [io:getopts(), io:columns()]), halt().',
    'printable characters': 'io:format("~tp ~p", [[228, 8364], io:printable_range()]), halt().',
    rebooting: 'init:reboot().',
  }).map(([name, code]) => ({ name, args: evaluate(code) })),
  { name: 'a module that is missing', args: ['-noshell', '-s', 'nomod'] },
  { name: 'a function that is missing', args: ['-noshell', '-run', 'shown', 'nofun'] },
  { name: 'a boot script that is missing', args: ['-boot', 'nonexist', '-noshell'] },
  {
    name: 'a boot script',
    args: evaluate('io:format("~p", [init:get_arguments()]), halt().', '-boot', 'start_clean'),
  },
  { name: 'a configuration that is missing', args: ['-noshell', '-config', 'none'] },
  {
    name: 'paths of code',
    args: evaluate(
      'io:format("~p ~p", [lists:sublist(code:get_path(), 3), lists:last(code:get_path())]), halt().',
      ...['-pa', 'one', 'two', '-pz', '/tmp'],
    ),
  },
  { name: '+V', args: ['+V'] },
  {
    name: 'limits and heaps',
    args: evaluate(
      'io:format("~p", [[erlang:system_info(I) || I <- [process_limit, port_limit, atom_limit, min_heap_size, break_ignored, time_warp_mode]]]), halt().',
      ...['+P', '5000', '+Q', '2000', '+t', '70000', '+hms', '1000', '+Bi'],
    ),
  },
  {
    name: 'flags of applications',
    args: evaluate(
      'io:format("~p ~p", [application:get_all_env(stdlib), init:get_arguments()]), halt().',
      ...['-stdlib', 'key', 'value', '-hidden', '-connect_all', 'false', '-mode', 'embedded'],
    ),
  },
  {
    name: 'plain arguments',
    args: [
      ...['-noshell', 'a', 'b', '--', '-x', 'y', '-eval'],
      'io:format("~p ~p", [init:get_plain_arguments(), init:get_arguments()]), halt().',
      ...['-extra', '-z', '--', 'q'],
    ],
  },
  {
    name: 'ERL_LIBS',
    args: evaluate(
      'io:format("~p", [[P || P <- code:get_path(), string:find(P, "libs") =/= nomatch]]), halt().',
    ),
    variables: { ERL_LIBS: 'libs:/nonexistent' },
  },
  {
    name: 'characters, terms and lines of standard input',
    args: evaluate(
      'io:format("~p", [[io:get_chars("", 3), io:read(""), io:fread("", "~d ~s"), file:read_line(standard_io), io:get_line("")]]), halt().',
    ),
    input: 'abcdef.\n12 ab\nrest\n',
  },
  { name: '-compile', args: ['-compile', 'shown'] },
  {
    name: 'the shell and its errors',
    args: [],
    input: '1/0.\nfoo:bar().\nA = 1.\nA.\nf().\nA.\nfoo(.\nexit(x).\n2.\nhalt().\n',
  },
  { name: 'the shell until the end of input', args: [], input: '1 + 1.\n' },
];

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

function run(program: string, args: readonly string[], row: Row): Outcome {
  const variables = { ERL_CRASH_DUMP_SECONDS: '0', LC_ALL: 'C.UTF-8', ...row.variables };
  const result = spawnSync(program, [...args, ...row.args], {
    cwd: work,
    env: { ...process.env, ...variables },
    input: row.input ?? '',
    encoding: 'utf8',
    timeout: timeoutMs,
    maxBuffer: 1 << 26,
  });
  return { stdout: masked(result.stdout), stderr: masked(result.stderr), status: result.status };
}

/** Numbers of processes are the system's own. */
const masked = (text: string) => text.replace(/<0\.\d+\.0>/g, '<PID>');

const named = process.env.VBEAM_ERL;
const runOurs = (row: Row) =>
  named ? run(named, [], row) : run(process.execPath, [command, 'erl'], row);

describe('vbeam erl does what erl does', () => {
  before(() => {
    writeFileSync(join(work, 'shown.erl'), module);
    writeFileSync(join(work, 'args'), '-x a # comment\n-x "c d"\n-extra from file\n');
    writeFileSync(join(work, 'sys.config'), '[{shown, [{key, "value"}]}].\n');
    writeFileSync(join(work, 'text'), 'of the host\n');
    execFileSync('erlc', ['shown.erl'], { cwd: work });
  });

  for (const row of named ? [...rows, ...more] : rows)
    test(row.name, () => {
      assert.deepEqual(runOurs(row), run('erl', [], row));
    });

  test('time is that of the outside', () => {
    const started = performance.now();
    const code = 'A = os:system_time(second), timer:sleep(1500), io:format("~p", [A]), halt().';
    const { stdout } = runOurs({ name: '', args: ['-noshell', '-eval', code] });
    assert.ok(performance.now() - started >= 1500);
    assert.ok(Math.abs(Number(stdout) - Date.now() / 1000) < timeoutMs / 1000);
  });

  test('files of the host are written', () => {
    const code = 'ok = file:write_file("made", "by us"), halt().';
    runOurs({ name: '', args: ['-noshell', '-eval', code] });
    assert.equal(readFileSync(join(work, 'made'), 'utf8'), 'by us');
  });

  test('a node that wants a name is refused', () => {
    const { stderr, status } = runOurs({ name: '', args: ['-noshell', '-sname', 'x'] });
    assert.match(stderr, /-sname: there is no distribution/);
    assert.equal(status, 1);
  });
});
