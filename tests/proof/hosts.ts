/**
 * Runs a command line of `erl` on three hosts: the installed `erl`, our VM as a Linux executable,
 * and our VM on the simulated PC in this process; what it prints is compared.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildBootArchive } from '../../image/boot_archive.ts';
import { buildLinux } from '../../image/kernel.ts';
import type { ArchiveFile } from '../../image/tar.ts';
import { runPc } from '../../machine/pc.ts';
import { buildVm } from '../../tools/build_vm.ts';

export type HostName = 'erl' | 'native' | 'node';

export interface Task {
  /** Arguments of `erl` behind -noshell; `@/` is the folder in which `files` are. */
  readonly args: readonly string[];
  readonly files: readonly ArchiveFile[];
  /** Files with absolute paths that OTP's own tree has on this machine and the archive needs. */
  readonly installed?: readonly ArchiveFile[];
  /** Applications of OTP besides kernel and stdlib. */
  readonly applications?: readonly string[];
  /** Folders `NAME/ebin` of applications that are not OTP's. */
  readonly ebins?: readonly string[];
  /** Texts in what it prints that tell of the machine's speed; they are left out of the lines. */
  readonly durations?: RegExp;
  readonly memoryMb: number;
  readonly secondsMax: number;
}

export interface Outcome {
  /** What the program printed, a line each. */
  readonly lines: readonly string[];
  /** Why the run did not end well, with the end of what it printed; undefined when it did. */
  readonly failure?: string;
  /** Processor time, of all threads. */
  readonly cpuSeconds: number;
}

interface Run {
  readonly text: string;
  readonly failure?: string | undefined;
  readonly cpuSeconds: number;
}

const outputBytesMax = 256 << 20;
/** Behind this line the program's own output begins. */
const marker = '== program';
const folderOnOurs = '/program';
/** `times` prints the shell's own times, then those of its children. */
const timed = '"$@"; status=$?; times >&2; exit $status';

/** Seconds in `1m2.34s`. */
function seconds(text: string): number {
  const found = /^(\d+)m([\d.]+)s$/.exec(text);
  return found ? Number(found[1]) * 60 + Number(found[2]) : 0;
}

function execute(command: readonly string[], secondsMax: number): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(
      '/bin/sh',
      ['-c', timed, 'sh', ...command],
      { timeout: secondsMax * 1000, killSignal: 'SIGKILL', maxBuffer: outputBytesMax },
      (error, stdout, stderr) => {
        const times = stderr.trimEnd().split('\n').at(-1)?.split(' ') ?? [];
        const cpuSeconds = times.reduce((sum, each) => sum + seconds(each), 0);
        const ending = error && (error.killed ? 'took too long' : `status ${error.code}`);
        const failure = ending && `${ending}\n${stdout.slice(-3000)}\n${stderr.slice(-1000)}`;
        resolve({ text: stdout, cpuSeconds, ...(failure ? { failure } : {}) });
      },
    );
    child.stdin?.end();
  });
}

/** The command line for files in `folder`. */
function commandLine(task: Task, folder: string): string[] {
  const begin = ['-noshell', '-pa', folder, '-eval', `io:put_chars("${marker}\\n").`];
  return [...begin, ...task.args.map((each) => each.replaceAll('@/', `${folder}/`))];
}

async function inScratchFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-proof-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runErl(task: Task): Promise<Run> {
  return inScratchFolder((folder) => {
    for (const { path, bytes } of task.files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    const paths = (task.ebins ?? []).flatMap((ebin) => ['-pa', ebin]);
    const command = ['erl', ...paths, ...commandLine(task, folder)];
    return execute(command, task.secondsMax);
  });
}

function archiveOf(task: Task): Promise<Uint8Array> {
  const own = task.files.map(({ path, bytes }) => ({ path: `${folderOnOurs}/${path}`, bytes }));
  const files = [...own, ...(task.installed ?? [])];
  return buildBootArchive('application', undefined, {
    applications: task.applications ?? [],
    ebins: task.ebins ?? [],
    files: files.map(({ path, bytes }) => ({ path: path.replace(/^\//, ''), bytes })),
    commandLine: commandLine(task, folderOnOurs),
  });
}

async function runNative(task: Task): Promise<Run> {
  const executable = await buildLinux((line) => process.stderr.write(`${line}\n`));
  return inScratchFolder(async (folder) => {
    const [vm, archive] = [join(folder, 'vm'), join(folder, 'boot.tar')];
    writeFileSync(vm, executable, { mode: 0o755 });
    writeFileSync(archive, await archiveOf(task));
    return execute([vm, archive, String(task.memoryMb)], task.secondsMax);
  });
}

async function runNode(task: Task): Promise<Run> {
  const { wasm } = await buildVm({ level: 1 });
  const module = new WebAssembly.Module(wasm);
  const archive = await archiveOf(task);
  const chunks: Uint8Array[] = [];
  const before = process.cpuUsage();
  const result = runPc({
    wasm: module,
    archive,
    memoryBytes: task.memoryMb * 2 ** 20,
    seed: 0n,
    onSerial: (bytes) => chunks.push(bytes),
  });
  const { user, system } = process.cpuUsage(before);
  const text = Buffer.concat(chunks).toString('utf8');
  const panic = result.panic === undefined ? '' : `: ${result.panic}`;
  const failure =
    result.status === 0 ? undefined : `status ${result.status}${panic}\n${text.slice(-4000)}`;
  return { text, failure, cpuSeconds: (user + system) / 1e6 };
}

const runners = { erl: runErl, native: runNative, node: runNode } as const;

/** The program's own lines: without those of boot before them, and of switching off behind them. */
function programLines(text: string, durations?: RegExp): string[] {
  const printed = text.replaceAll('\r', '');
  const lines = (durations ? printed.replaceAll(durations, '') : printed).split('\n');
  const own = lines.slice(lines.indexOf(marker) + 1);
  while (own.length && ['', 'power off'].includes(own.at(-1)!)) own.pop();
  return own;
}

export async function runTask(host: HostName, task: Task): Promise<Outcome> {
  const { text, failure, cpuSeconds } = await runners[host](task);
  const lines = programLines(text, task.durations);
  return { lines, cpuSeconds, ...(failure === undefined ? {} : { failure }) };
}
