/**
 * Runs one program on three hosts: the installed `erl`, our VM as a Linux executable, and our VM on
 * the simulated PC in this process. What a program has to say are its lines that begin with `= `.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ArchiveExtras, buildBootArchive } from '../../image/boot_archive.ts';
import { buildLinux } from '../../image/kernel.ts';
import type { Program } from '../../image/program.ts';
import { runPc } from '../../machine/pc.ts';
import { buildVm } from '../../tools/build_vm.ts';

export type HostName = 'erl' | 'native' | 'node';

export interface Task {
  readonly program: Program;
  readonly extras: ArchiveExtras;
  /** Folders that `erl` needs on its code path besides those of the program's modules. */
  readonly codePaths?: readonly string[];
  readonly memoryMb: number;
  readonly secondsMax: number;
}

export interface Outcome {
  /** The lines after `= `. */
  readonly lines: readonly string[];
  /** All that was printed. */
  readonly text: string;
  /** Why the run did not end well, with the end of what it printed; undefined when it did. */
  readonly failure?: string;
  readonly wallSeconds: number;
}

interface Run {
  readonly text: string;
  readonly failure?: string | undefined;
}

const outputBytesMax = 256 << 20;

function execute(command: string, args: readonly string[], secondsMax: number): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      { timeout: secondsMax * 1000, killSignal: 'SIGKILL', maxBuffer: outputBytesMax },
      (error, stdout, stderr) => {
        const text = stdout.replaceAll('\r', '');
        const ending = error
          ? error.killed
            ? 'took too long'
            : `status ${error.code}`
          : undefined;
        const failure = ending && `${ending}\n${text.slice(-2000)}${stderr.slice(-2000)}`;
        resolve({ text, failure });
      },
    );
    child.stdin?.end();
  });
}

function runErl({ program, codePaths = [], secondsMax }: Task): Promise<Run> {
  const folders = [...new Set(program.beams.map((beam) => dirname(beam))), ...codePaths];
  const call = `${program.module}:${program.function}(${program.args.map((each) => `'${each}'`).join()})`;
  return execute(
    'erl',
    ['-noshell', '+pc', 'unicode', '-pa', ...folders, '-eval', `${call}, halt().`],
    secondsMax,
  );
}

async function runNative(task: Task): Promise<Run> {
  const executable = await buildLinux((line) => process.stderr.write(`${line}\n`));
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-proof-'));
  try {
    mkdirSync(folder, { recursive: true });
    const [vm, archive] = [join(folder, 'vm'), join(folder, 'boot.tar')];
    writeFileSync(vm, executable, { mode: 0o755 });
    writeFileSync(archive, await buildBootArchive('application', task.program, task.extras));
    return await execute(vm, [archive, String(task.memoryMb)], task.secondsMax);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runNode(task: Task): Promise<Run> {
  const { wasm } = await buildVm({ level: 1 });
  const chunks: Uint8Array[] = [];
  const result = runPc({
    wasm: new WebAssembly.Module(wasm),
    archive: await buildBootArchive('application', task.program, task.extras),
    memoryBytes: task.memoryMb << 20,
    seed: 0n,
    onSerial: (bytes) => chunks.push(Uint8Array.from(bytes)),
  });
  const text = Buffer.concat(chunks).toString('utf8').replaceAll('\r', '');
  const panic = result.panic === undefined ? '' : `: ${result.panic}`;
  const ending = result.status === 0 ? undefined : `status ${result.status}${panic}`;
  return { text, failure: ending && `${ending}\n${text.slice(-4000)}` };
}

const runners = { erl: runErl, native: runNative, node: runNode } as const;

export async function runTask(host: HostName, task: Task): Promise<Outcome> {
  const start = performance.now();
  const { text, failure } = await runners[host](task);
  return {
    text,
    lines: text
      .split('\n')
      .filter((line) => line.startsWith('= '))
      .map((line) => line.slice(2)),
    wallSeconds: (performance.now() - start) / 1000,
    ...(failure === undefined ? {} : { failure }),
  };
}
