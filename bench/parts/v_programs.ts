/**
 * The classic programs of bench/v/ in V next to the same algorithms in Erlang, written by
 * hand. Both run on OTP's erl: CPU time without starting up, the best of several interleaved runs.
 * Pairs that print different results are an error.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileErlang } from '../../image/erlang.ts';
import { otpProgram } from '../../image/otp.ts';
import { runProcess } from '../../lib/run_process.ts';
import { compileRuntime, compileVFile, ErlangNode } from '../../v/compile.ts';
import { figure, type Part, progress, table } from '../figures.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const sources = join(root, 'bench', 'v');
const TIMEOUT_MS = 600_000;

/** Runs both sides in turn, each time in a new process, and prints the shortest CPU times. */
function measurement(name: string, rounds: number): string {
  return `Run = fun(M) ->
      {Pid, Ref} = spawn_monitor(fun() ->
        {From, _} = statistics(runtime),
        M:main(),
        {To, _} = statistics(runtime),
        exit({ran, To - From})
      end),
      receive {'DOWN', Ref, process, Pid, {ran, T}} -> T; {'DOWN', Ref, _, _, _} -> halt(1) end
    end,
    Titled = fun(Title, M) -> io:format("~n@~s~n", [Title]), Run(M) end,
    Times = [{Titled(v, 'v.main'), Titled(erlang, ${name})} || _ <- lists:seq(1, ${rounds})],
    {Vs, Es} = lists:unzip(Times),
    io:format("~n@times ~b ~b~n", [lists:min(Vs), lists:min(Es)]),
    halt().`;
}

interface Measured {
  readonly name: string;
  readonly vMs: number;
  readonly erlangMs: number;
}

async function measured(
  name: string,
  work: string,
  erlangFolder: string,
  node: ErlangNode,
  rounds: number,
): Promise<Measured> {
  const out = join(work, name);
  await compileVFile(join(sources, `${name}.v`), out, node);
  const folders = [join(work, 'runtime'), out, erlangFolder].flatMap((f) => ['-pa', f]);
  const args = ['-noshell', ...folders, '-eval', measurement(name, rounds)];
  const result = await runProcess(otpProgram('erl'), args, { timeoutMs: TIMEOUT_MS });
  if (result.status !== 0) throw new Error(`${name}: ${result.stderr || result.stdout}`);
  const said = (side: string): string =>
    new RegExp(`^@${side}\\n([^@]*)`, 'm').exec(result.stdout)?.[1]?.trim() ?? '';
  if (said('v') === '' || said('v') !== said('erlang'))
    throw new Error(`${name} prints ${said('v')} in V and ${said('erlang')} in Erlang`);
  const times = /^@times (\d+) (\d+)$/m.exec(result.stdout);
  return { name, vMs: Number(times?.[1]), erlangMs: Number(times?.[2]) };
}

export const vPrograms: Part = {
  figures: ['v_ratio_geomean'],
  async measure(quick) {
    const work = mkdtempSync(join(tmpdir(), 'v-bench-'));
    const node = new ErlangNode();
    try {
      await compileRuntime(join(work, 'runtime'), node);
      const names = readdirSync(sources).filter((name) => name.endsWith('.v'));
      const erlang = names.map((name) => join(sources, name.replace(/\.v$/, '.erl')));
      const [first] = await compileErlang(erlang, join(work, 'erlang'));
      const rows: Measured[] = [];
      for (const file of names.sort()) {
        const row = await measured(
          basename(file, '.v'),
          work,
          dirname(first as string),
          node,
          quick ? 2 : 5,
        );
        progress(`${row.name}: ${row.vMs} ms in V, ${row.erlangMs} ms in Erlang`);
        rows.push(row);
      }
      report(rows);
    } finally {
      node.close();
      rmSync(work, { recursive: true, force: true });
    }
  },
};

function report(rows: readonly Measured[]): void {
  const ratio = (row: Measured): number => row.vMs / Math.max(row.erlangMs, 1);
  const lines = rows.map(
    (row) =>
      `${row.name.padEnd(16)}${String(row.vMs).padStart(8)}${String(row.erlangMs).padStart(10)}` +
      `${ratio(row).toFixed(2).padStart(8)}`,
  );
  table(['V and Erlang on OTP     V ms Erlang ms   ratio', ...lines]);
  const logs = rows.reduce((sum, row) => sum + Math.log(ratio(row)), 0);
  figure('v_ratio_geomean', Math.exp(logs / rows.length), 'ratio');
}
