/**
 * Fifteen of V's own console examples as demonstrations: each runs on `erl` and on this system in
 * QEMU (`vbeam qemu`, what `make qemu-vhello` does), and must print the same and end with status 0
 * on both.
 *
 *   V_SRC=DIR node --import tsx tests/v/demos.ts [--erl] [--write] [PART OF A PATH...]
 *
 * --erl: only on `erl`. --write: the table of docs/v_tests.md, from a run of all of them. Exit
 * status 1: one of them failed or printed something else.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { otpProgram } from '../../image/otp.ts';
import { runProcess } from '../../lib/run_process.ts';
import { compileRuntime, compileVFile, ErlangNode } from '../../v/compile.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const page = join(root, 'docs', 'v_tests.md');
const ERL_MS_MAX = 60_000;
const QEMU_S_MAX = 900;

interface Demo {
  /** A file below `examples/` of V, or a folder whose other files the program finds. */
  readonly path: string;
  readonly arguments: readonly string[];
  /** What is typed. */
  readonly input?: string;
  /** Arguments that name a file of the folder, which is at `/program` in the guest. */
  readonly file?: string;
  readonly shows: string;
}

const greeting =
  '++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.' +
  '--------.>>+.>++.';

const demos: readonly Demo[] = [
  { path: 'hello_world.v', arguments: [], shows: 'one line' },
  { path: 'fibonacci.v', arguments: ['92'], shows: 'arguments; integers of more than 60 bits' },
  { path: 'euler.v', arguments: [], shows: 'a closure' },
  { path: 'primes.v', arguments: ['30'], shows: 'a sieve' },
  { path: 'sudoku.v', arguments: [], shows: 'recursion over a grid, options' },
  { path: 'tree_of_nodes.v', arguments: [], shows: 'a recursive sum type' },
  { path: 'binary_search_tree.v', arguments: [], shows: 'generic structs and sum types' },
  { path: 'quick_sort.v', arguments: [], shows: 'generic functions that change an array' },
  { path: 'graphs/dijkstra.v', arguments: [], shows: 'a priority queue' },
  { path: 'brainvuck.v', arguments: [greeting], shows: 'methods that change a large array' },
  { path: 'spectral.v', arguments: ['100'], shows: 'floats in arrays' },
  { path: 'word_counter', arguments: [], file: 'cinderella.txt', shows: 'a file, a map' },
  {
    path: 'mini_calculator_recursive_descent.v',
    arguments: [],
    input: '2 * (5-1)\n1 / 3\n(1 + 2\n7e2 - 0.5\nexit\n',
    shows: 'standard input, errors, an embedded struct',
  },
  { path: 'thread_safety/concurrent_shared_data.v', arguments: [], shows: 'threads, `shared`' },
  { path: 'compiletime/reflection.v', arguments: [], shows: '`$for` over the fields of a struct' },
];

interface Ran {
  readonly status: number;
  readonly output: string;
}

async function onErl(demo: Demo, examples: string, work: string, node: ErlangNode): Promise<Ran> {
  const path = join(examples, demo.path);
  const { beamPath } = await compileVFile(path, join(work, 'out'), node);
  const words = [...demo.arguments, ...(demo.file ? [join(path, demo.file)] : [])];
  const folders = [join(work, 'runtime'), dirname(beamPath)].flatMap((f) => ['-pa', f]);
  const start = ['-noshell', ...folders, '-eval', "v_rt:run('v.main')."];
  const ran = await runProcess(otpProgram('erl'), [...start, '-extra', ...words], {
    timeoutMs: ERL_MS_MAX,
    cwd: work,
    input: demo.input ?? '',
  });
  return { status: ran.status ?? 124, output: ran.stdout + ran.stderr };
}

/** The lines between the start of the program and its end. */
function programLines(serial: string): string {
  const lines = serial.replaceAll('\r', '');
  const found = /^application v\.main: start\n([\s\S]*?)application: ended with status /m.exec(
    lines,
  );
  return found?.[1] ?? lines;
}

async function inQemu(demo: Demo, examples: string): Promise<Ran> {
  const words = [...demo.arguments, ...(demo.file ? [`/program/${demo.file}`] : [])];
  const command = [join(root, 'cli', 'vbeam.mjs'), 'qemu', join(examples, demo.path)];
  const options = ['--vlib', dirname(examples), '--timeout', String(QEMU_S_MAX), '--'];
  const ran = await runProcess(process.execPath, [...command, ...options, ...words], {
    timeoutMs: 2 * QEMU_S_MAX * 1000,
    cwd: root,
    input: demo.input ?? '',
  });
  let output = programLines(ran.stdout);
  // The serial line echoes what is typed.
  for (const line of (demo.input ?? '').split(/(?<=\n)/)) output = output.replace(line, '');
  return { status: ran.status ?? 124, output };
}

function said({ status, output }: Ran): string {
  return status === 0 ? 'ok' : `status ${status}: ${output.trim().split('\n').at(-1) ?? ''}`;
}

async function result(demo: Demo, erl: Ran, examples: string, qemu: boolean): Promise<string> {
  if (erl.status !== 0 || !qemu) return said(erl);
  const ours = await inQemu(demo, examples);
  if (ours.status !== 0) return said(ours);
  if (ours.output === erl.output) return 'the same';
  return `prints ${JSON.stringify(ours.output)}, on erl ${JSON.stringify(erl.output)}`;
}

const good = (outcome: string): boolean => outcome === 'the same' || outcome === 'ok';

const begin = '<!-- demos: made by tests/v/demos.ts -->';
const end = '<!-- demos end -->';

function writeTable(rows: readonly { demo: Demo; erl: Ran; outcome: string }[]): void {
  const shown = (demo: Demo): string =>
    [...demo.arguments.map((a) => (a === greeting ? "'++++++++[>+…'" : a)), demo.file ?? '']
      .join(' ')
      .trim();
  const lines = rows.map(({ demo, erl, outcome }) => {
    const cells = [
      demo.path,
      shown(demo),
      demo.shows,
      erl.output.split('\n').length - 1,
      good(outcome) ? outcome : 'differs',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const table = [
    '| program | arguments | shows | lines | in QEMU |',
    '| --- | --- | --- | ---: | --- |',
    ...lines,
  ].join('\n');
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${page} has no ${begin}`);
  writeFileSync(page, `${before}${begin}\n\n${table}\n\n${end}${after}`);
}

async function main(): Promise<number> {
  const { V_SRC: given } = process.env;
  if (given === undefined) {
    process.stderr.write('V_SRC names a folder with a checkout of V; see docs/testing.md\n');
    return 2;
  }
  const args = process.argv.slice(2);
  const parts = args.filter((arg) => !arg.startsWith('--'));
  const wanted = demos.filter((d) => parts.length === 0 || parts.some((p) => d.path.includes(p)));
  const examples = join(resolve(given), 'examples');
  const work = mkdtempSync(join(tmpdir(), 'v-demos-'));
  const node = new ErlangNode();
  const rows: { demo: Demo; erl: Ran; outcome: string }[] = [];
  try {
    await compileRuntime(join(work, 'runtime'), node);
    for (const demo of wanted) {
      const erl = await onErl(demo, examples, work, node);
      const outcome = await result(demo, erl, examples, !args.includes('--erl'));
      rows.push({ demo, erl, outcome });
      process.stdout.write(`${demo.path}: ${outcome}\n`);
    }
  } finally {
    node.close();
    rmSync(work, { recursive: true, force: true });
  }
  if (args.includes('--write')) writeTable(rows);
  const count = rows.filter((r) => good(r.outcome)).length;
  process.stdout.write(`${count} of ${rows.length} demonstrations\n`);
  return count === rows.length ? 0 : 1;
}

process.exitCode = await main();
