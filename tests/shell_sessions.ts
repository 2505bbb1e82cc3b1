/**
 * OTP's shell at a terminal: what is typed, and what a program's pseudo terminal shows of it, as
 * the rows of a screen. Keys are typed when the screen has come to rest.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { TerminalScreen } from './terminal_screen.ts';

export const columns = 80;
const quietMsUsual = 400;
const startMsMax = 120_000;

const left = '\x1b[D';
const right = '\x1b[C';
const up = '\x1b[A';
const down = '\x1b[B';
const home = '\x01';
const end = '\x05';
const killLine = '\x0b';
const yank = '\x19';
const erase = '\x7f';
const search = '\x12';
export const jobControl = '\x07';
export const enter = '\r';

/** Sessions by name: what is typed, step by step. */
export const sessions: Readonly<Record<string, readonly string[]>> = {
  'evaluating, results and history': [
    `lists:seq(1,10).${enter}`,
    `X = 5.${enter}`,
    `X + 1.${enter}`,
    `v(1).${enter}`,
    `v(-1).${enter}`,
    `h().${enter}`,
    `b().${enter}`,
    `f(X).${enter}`,
    `X.${enter}`,
    `e(3).${enter}`,
  ],
  records: [
    `rd(point, {x = 0, y}).${enter}`,
    `P = #point{y = 2}.${enter}`,
    `P#point.x.${enter}`,
    `P#point{x = abc}.${enter}`,
    `rl().${enter}`,
    `rf(point).${enter}`,
    `#point{}.${enter}`,
  ],
  'errors as the shell shows them': [
    `1/0.${enter}`,
    `foo:bar().${enter}`,
    `foo(.${enter}`,
    `lists:reverse(a).${enter}`,
    `{ok, A} = {error, enoent}.${enter}`,
    `throw(ball).${enter}`,
    `exit(done).${enter}`,
    `erlang:error(made_up).${enter}`,
    `fun(X) when X > 1 -> X end(0).${enter}`,
    `case 3 of 4 -> ok end.${enter}`,
    `catch 1/0.${enter}`,
  ],
  'several lines, funs, binaries, Unicode': [
    `F = fun(0) -> zero;${enter}`,
    `(N) when is_integer(N) -> {number, N} end.${enter}`,
    `[F(I) || I <- [0, 1, 2]].${enter}`,
    `<<1, 2, "abc">>.${enter}`,
    `"åäö".${enter}`,
    `io:format("~ts~n", ["漢字"]).${enter}`,
    `#{a => 1, "b" => [2.5, $c]}.${enter}`,
    `self() ! hello, flush().${enter}`,
  ],
  'moving and deleting': [
    `1 + 3${left}${left}${left}20 ${end} + 4.${enter}`,
    `abc${home}X${right}Y${end}Z${home}{${end}}.${enter}`,
    `garbage${home}${killLine}ok.${enter}`,
    `"cut me"${home}${killLine}${yank}.${enter}`,
    `abd${erase}c.${enter}`,
    `lists:nth(2, [a, b, c]).${home}\x1bf\x1bf${end}${enter}`,
    `x${'y'.repeat(90)}${home}a${end}.${enter}`,
    `word another\x17thing.${enter}`,
  ],
  // Key by key: edlin takes several of these in one piece for something else.
  'history with the arrow keys': [
    ...[`first.${enter}`, `second.${enter}`],
    ...[up, up, enter],
    ...[up, up, down, enter],
    ...['\x10', '\x10', '\x0e', enter],
    ...[up, up, home, '{', end, left, ', 1}', enter],
  ],
  'searching back': [
    `alpha.${enter}`,
    `beta.${enter}`,
    `${search}al`,
    `${enter}`,
    `gamma.${enter}`,
  ],
  completion: [
    `lists:rever\t`,
    `([1, 2]).${enter}`,
    `lists:ma\t`,
    `p(fun(Z) -> Z end, [1]).${enter}`,
  ],
  'job control': [
    `Y = 1.${enter}`,
    jobControl,
    `h${enter}`,
    `j${enter}`,
    `s${enter}`,
    `j${enter}`,
    `c${enter}`,
    `other.${enter}`,
    jobControl,
    `c 1${enter}`,
    `Y.${enter}`,
    jobControl,
    `k 2${enter}`,
    `j${enter}`,
    `x${enter}`,
    `c 1${enter}`,
    `Y + 1.${enter}`,
  ],
  'asking for input': [
    `io:get_line("name? ").${enter}`,
    `Joe${enter}`,
    `io:read("term? ").${enter}`,
    `{a, [b]}.${enter}`,
    `io:fread("two> ", "~d ~d").${enter}`,
    `12 34${enter}`,
    `io:get_chars("", 3).${enter}`,
    `abcdef${enter}`,
  ],
  'a shell that ends is replaced': [
    `exit(self(), kill).${enter}`,
    `1.${enter}`,
    `exit().${enter}`,
    `2.${enter}`,
  ],
};

/** The rows from the first prompt on; pids and the like are masked. */
export function shown(screen: TerminalScreen): string[] {
  const rows = screen.rows();
  const first = rows.findIndex((row) => row.startsWith('1>'));
  return rows.slice(Math.max(0, first)).map((row) => row.replace(/<0\.\d+\.0>/g, '<PID>'));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Type each step into a process once its output has been quiet. */
async function typeInto(
  child: ChildProcess,
  screen: TerminalScreen,
  steps: readonly string[],
  quietMs: number,
) {
  let last = Date.now();
  child.stdout?.on('data', (bytes: Buffer) => {
    last = Date.now();
    screen.write(bytes);
  });
  const begun = Date.now();
  while (!screen.rows().some((row) => row.startsWith('1>')) && Date.now() - begun < startMsMax)
    await pause(50);
  for (const step of [...steps, '']) {
    last = Date.now();
    child.stdin?.write(step);
    while (Date.now() - last < quietMs) await pause(50);
  }
}

/** What the screen shows of a program on a pseudo terminal. */
export async function onTerminal(
  program: string,
  steps: readonly string[],
  quietMs = quietMsUsual,
): Promise<string[]> {
  const screen = new TerminalScreen(columns);
  const command = `stty cols ${columns} rows 24; exec ${program}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm', LC_ALL: 'C.UTF-8', HOME: '/nonexistent' },
  });
  await typeInto(child, screen, steps, quietMs);
  child.stdin?.destroy();
  child.kill('SIGKILL');
  child.stdout?.destroy();
  return shown(screen);
}

export const noScript =
  spawnSync('script', ['--version']).status === 0 ? (false as const) : 'no script(1)';
