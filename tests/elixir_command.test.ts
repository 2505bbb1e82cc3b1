/**
 * Elixir's own commands (elixir, elixirc, iex, mix), which start the `erl` that they find on PATH:
 * ours there does what OTP's does. `VBEAM_ERL=PROGRAM` names another program that stands in for
 * erl, such as what `vbeam erl --executable` prints.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

const work = mkdtempSync(join(tmpdir(), 'vbeam-elixir-'));
after(() => rmSync(work, { recursive: true, force: true }));
const ours = process.env.VBEAM_ERL ?? join(import.meta.dirname, '..', 'cli', 'vbeam-erl.mjs');
const timeoutMs = 600_000;

const script = `
defmodule Counter do
  use GenServer
  def start_link(n), do: GenServer.start_link(__MODULE__, n, name: {:via, Registry, {Reg, :one}})
  def init(n), do: {:ok, n}
  def handle_call(:next, _from, n), do: {:reply, n, n + 1}
end
children = [{Registry, keys: :unique, name: Reg}, {Counter, 5}, {Task.Supervisor, name: Tasks}]
{:ok, _} = Supervisor.start_link(children, strategy: :one_for_one)
IO.inspect(Enum.map(1..3, fn _ -> GenServer.call({:via, Registry, {Reg, :one}}, :next) end))
IO.inspect(1..10 |> Task.async_stream(&(&1 * &1)) |> Enum.map(fn {:ok, v} -> v end))
IO.inspect(Stream.iterate(1, &(&1 * 2)) |> Stream.filter(&(rem(&1, 3) == 1)) |> Enum.take(5))
IO.inspect(Regex.scan(~r/(\\w)(\\d+)/u, "a12 ß34 c5"))
IO.inspect(Task.await(Task.Supervisor.async(Tasks, fn -> is_pid(self()) end)))
IO.puts("#{inspect(System.argv())} #{String.upcase("straße")}")
IO.puts(:stderr, File.read!("text"))
System.halt(3)
`;
const shape = `
defmodule Shape do
  defstruct [:side]
  def area(%Shape{side: side}), do: side * side
end
defimpl String.Chars, for: Shape do
  def to_string(shape), do: "square of #{shape.side}"
end
`;
const session = `1 + 2
x = Enum.map(1..3, & &1 * 2)
defmodule Twice do
  def of(n), do: 2 * n
end
Twice.of(x |> Enum.sum())
h Enum.count/1
raise "no"
exit(:why)
`;

interface Row {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly input?: string;
  /** Folder below the working folder. */
  readonly folder?: string;
}

/** In this order: later rows use what earlier ones have made. */
const rows: readonly Row[] = [
  { name: 'a script with its arguments and status', command: ['elixir', 'script.exs', 'one', '2'] },
  { name: 'an expression', command: ['elixir', '-e', 'IO.inspect(Enum.sum(1..100))'] },
  { name: 'an error', command: ['elixir', '-e', 'String.to_integer("x")'] },
  { name: 'elixirc', command: ['elixirc', '-o', 'ebin', 'shape.ex'] },
  {
    name: 'compiled modules',
    command: [
      'elixir',
      '-pa',
      'ebin',
      '-e',
      'IO.puts("#{%Shape{side: 3}} #{Shape.area(%Shape{side: 3})}")',
    ],
  },
  { name: 'iex with piped input', command: ['iex'], input: session },
  { name: 'mix new', command: ['mix', 'new', 'demo', '--sup'] },
  { name: 'mix test', command: ['mix', 'test', '--seed', '0'], folder: 'demo' },
  { name: 'mix run', command: ['mix', 'run', '-e', 'IO.inspect(Demo.hello())'], folder: 'demo' },
];

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Times that a run took are not compared, nor where it was. */
const comparable = (text: string, folder: string): string =>
  text
    .replaceAll(folder, '')
    .replaceAll(/^Compiling .* \(it's taking more than .*\n/gm, '')
    .replaceAll(/#PID<[\d.]+>/g, '#PID<>')
    .replaceAll(/[\d.]+ seconds|[\d.]+s (async|sync)/g, 'time');

function run({ command, input, folder }: Row, host: string): Outcome {
  const place = join(work, host);
  const [program, ...args] = command;
  const path = `${join(place, 'bin')}:${process.env.PATH}`;
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: join(place, folder ?? ''),
    input: input ?? '',
    encoding: 'utf8',
    timeout: timeoutMs,
    env: { ...process.env, PATH: path, LANG: 'C.UTF-8', HOME: place },
  });
  assert.equal(error, undefined);
  return { status, stdout: comparable(stdout, place), stderr: comparable(stderr, place) };
}

const missing = !existsSync('/usr/bin/elixir') && 'Elixir is not installed';

describe("Elixir's commands do here what they do on erl", { skip: missing }, () => {
  before(() => {
    for (const host of ['erl', 'ours']) {
      mkdirSync(join(work, host, 'bin'), { recursive: true });
      mkdirSync(join(work, host, 'ebin'));
      writeFileSync(join(work, host, 'script.exs'), script);
      writeFileSync(join(work, host, 'shape.ex'), shape);
      writeFileSync(join(work, host, 'text'), 'of the host');
    }
    symlinkSync(ours, join(work, 'ours', 'bin', 'erl'));
  });

  for (const row of rows)
    test(row.name, { timeout: 2 * timeoutMs }, () => {
      const wanted = run(row, 'erl');
      assert.ok(wanted.stdout + wanted.stderr || wanted.status === 0, 'erl does nothing');
      assert.deepEqual(run(row, 'ours'), wanted);
    });
});
