/** How long `vbeam run` takes, and how long right after a change of the VM. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildDir } from '../../image/boot_archive.ts';
import { runProcess } from '../../lib/run_process.ts';
import { figure } from '../figures.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const RUN_TIMEOUT_MS = 300_000;

async function vbeamRun(): Promise<number> {
  const started = performance.now();
  const result = await runProcess(
    process.execPath,
    [join(root, 'cli', 'vbeam.mjs'), 'run', join(root, 'examples', 'hello.v')],
    { cwd: root, timeoutMs: RUN_TIMEOUT_MS },
  );
  if (result.status !== 0 || !result.stdout.includes('Hello from V!'))
    throw new Error(`vbeam run failed: ${result.stderr.split('\n')[0]}`);
  return (performance.now() - started) / 1000;
}

async function benchRun(): Promise<void> {
  await vbeamRun();
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) best = Math.min(best, await vbeamRun());
  figure('run_hello_s', best, 's');
}

/**
 * Wall time of `vbeam run` right after a VM file has changed (a comment at its end, taken away
 * again).
 */
async function benchRebuild(): Promise<void> {
  const path = join(root, 'vm', 'send.ts');
  const text = readFileSync(path);
  const before = new Set(existsSync(join(buildDir, 'vm')) ? readdirSync(join(buildDir, 'vm')) : []);
  try {
    writeFileSync(path, `${text.toString()}// changed by the benchmark at ${Date.now()}\n`);
    figure('rebuild_s', await vbeamRun(), 's');
  } finally {
    writeFileSync(path, text);
    for (const name of readdirSync(join(buildDir, 'vm'))) {
      if (!before.has(name) && statSync(join(buildDir, 'vm', name)).isFile())
        rmSync(join(buildDir, 'vm', name));
    }
  }
}

export const simulatedRun = { figures: ['run_hello_s'], measure: benchRun };
export const rebuild = { figures: ['rebuild_s'], measure: benchRebuild };
