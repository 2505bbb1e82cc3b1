/**
 * Mutants of a module, loaded and run in a VM of their own each (architecture D7a). A mutant is a
 * seed: a few bytes of `victim.beam`, mostly of its Code chunk, are changed. Whatever it does, the
 * VM must neither trap nor stop nor hang, and the program that loaded it must still work.
 *
 *   node --import tsx tests/fuzz/mutants.ts FIRST COUNT      runs a range of seeds, prints the bad
 *   ones
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { applicationModules, otpRoot } from '../../image/otp.ts';
import { type ArchiveFile, writeTar } from '../../image/tar.ts';
import { buildVm } from '../../tools/build_vm.ts';

const folder = dirname(fileURLToPath(import.meta.url));
const memoryBytes = 48 << 20;
/** A mutant that keeps the processor longer than this hangs. */
const stallMs = 20_000;

export interface MutantJob {
  readonly wasm: WebAssembly.Module;
  readonly archive: Uint8Array;
  /** Where the victim's bytes stand in the archive. */
  readonly victimAt: number;
  readonly victim: Uint8Array;
  readonly memoryBytes: number;
  /** Archives to run as they are, instead of mutants; the seed is the index. */
  readonly victims?: readonly Uint8Array[];
}
export interface MutantResult {
  readonly seed: number;
  /** What the host program printed: refused, ended or killed; or what went wrong. */
  readonly outcome: string;
  readonly good: boolean;
}

const helpers = ['lists', 'maps', 'error_handler', 'erlang', 'erts_internal', 'gen', 'proc_lib'];

/** What each run needs: the host program, a few modules of OTP, and the victim. */
async function makeJob(victims?: readonly Uint8Array[]): Promise<MutantJob> {
  const out = mkdtempSync(join(tmpdir(), 'vbeam-fuzz-'));
  try {
    for (const name of ['victim', 'fuzz_host'])
      execFileSync('erlc', ['-W0', '-o', out, join(folder, `${name}.erl`)], { timeout: 60_000 });
    const victim = readFileSync(join(out, 'victim.beam'));
    const root = otpRoot();
    const otp: ArchiveFile[] = ['erts', 'kernel', 'stdlib']
      .flatMap((application) => applicationModules(root, application))
      .filter((path) => helpers.some((name) => path.endsWith(`/${name}.beam`)))
      .map((path) => ({ path: `otp/${path.split('/').at(-1)}`, bytes: readFileSync(path) }));
    const host = readFileSync(join(out, 'fuzz_host.beam'));
    const archiveOf = (bytes: Uint8Array) =>
      writeTar([
        { path: 'boot', bytes: Buffer.from('fuzz_host run\n') },
        { path: 'fuzz_host.beam', bytes: host },
        ...otp,
        { path: 'victim', bytes },
      ]);
    const archive = archiveOf(victim);
    const { wasm } = await buildVm({ level: 1 });
    const victimAt = Buffer.from(archive).indexOf(victim);
    return {
      wasm: new WebAssembly.Module(wasm),
      archive,
      victimAt,
      victim,
      memoryBytes,
      ...(victims && { victims: victims.map(archiveOf) }),
    };
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** Run the seeds [first, first + count) and hand each result to `report`. */
export async function runMutants(
  first: number,
  count: number,
  report: (result: MutantResult) => void,
): Promise<void> {
  await runJob(await makeJob(), first, count, report);
}

/** Run these modules, named `victim`, as they are; results come in their order. */
export async function runVictims(victims: readonly Uint8Array[]): Promise<MutantResult[]> {
  const results: MutantResult[] = [];
  await runJob(await makeJob(victims), 0, victims.length, (result) => void results.push(result));
  return results;
}

async function runJob(
  job: MutantJob,
  first: number,
  count: number,
  report: (result: MutantResult) => void,
): Promise<void> {
  let next = first;
  while (next < first + count) {
    const worker = new Worker(join(folder, 'mutant_worker.mjs'), {
      workerData: { ...job, first: next, end: first + count },
    });
    next = await new Promise<number>((resolve, reject) => {
      let running = next;
      let timer: NodeJS.Timeout;
      const stalled = () => {
        report({ seed: running, outcome: 'hangs', good: false });
        running++;
        void worker.terminate();
      };
      timer = setTimeout(stalled, stallMs * 3);
      worker.on('message', (result: MutantResult) => {
        clearTimeout(timer);
        report(result);
        running = result.seed + 1;
        timer = setTimeout(stalled, stallMs);
      });
      worker.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      worker.on('exit', () => {
        clearTimeout(timer);
        resolve(running);
      });
    });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [first = 0, count = 100] = process.argv.slice(2).map(Number);
  const outcomes = new Map<string, number>();
  let bad = 0;
  await runMutants(first, count, (result) => {
    outcomes.set(result.outcome, (outcomes.get(result.outcome) ?? 0) + 1);
    if (result.good) return;
    bad++;
    process.stdout.write(`seed ${result.seed}: ${result.outcome}\n`);
  });
  for (const [outcome, times] of outcomes) process.stdout.write(`${times}  ${outcome}\n`);
  process.exitCode = bad ? 1 : 0;
}
