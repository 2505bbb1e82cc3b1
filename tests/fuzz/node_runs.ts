/** A VM of a campaign in Node: on a thread of its own, which can be ended when it hangs. */

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { hostFunctions } from '../../tables/host.ts';
import { buildVm } from '../../tools/build_vm.ts';
import type { Run } from './campaign.ts';

const memoryBytes = 96 << 20;
/** A seed that takes longer than this hangs. */
const stallMs = 30_000;
const pollMs = 1000;
const outcomesMax = 1 << 16;
/** Host functions that return 64 bits. */
const wide = hostFunctions.filter(({ result }) => result === 'i64').map(({ name }) => name);

/** Both with the checks that what ships does without. */
export type Level = 1 | 3;
const compiled = new Map<Level, WebAssembly.Module>();
async function vmModule(level: Level): Promise<WebAssembly.Module> {
  const held = compiled.get(level);
  if (held) return held;
  const made = new WebAssembly.Module((await buildVm({ level, checked: true })).wasm);
  compiled.set(level, made);
  return made;
}

/** The worker counts outcomes in the first word and stores their letters behind it. */
export async function runInNode(archive: Uint8Array, level: Level = 1): Promise<Run> {
  const shared = new SharedArrayBuffer(8 + outcomesMax);
  const count = new Int32Array(shared, 0, 1);
  const letters = new Uint8Array(shared, 8);
  const wasm = await vmModule(level);
  const worker = new Worker(join(import.meta.dirname, 'campaign_worker.mjs'), {
    workerData: { wasm, archive, memoryBytes, shared, wide },
  });
  const harm = await new Promise<string | null>((resolve, reject) => {
    let seen = 0;
    let since = Date.now();
    const timer = setInterval(() => {
      const now = Atomics.load(count, 0);
      if (now !== seen) {
        seen = now;
        since = Date.now();
      } else if (Date.now() - since > stallMs) {
        resolve('hangs');
        void worker.terminate();
      }
    }, pollMs);
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', () => clearInterval(timer));
  });
  await worker.terminate();
  const outcomes = Buffer.from(letters.slice(0, Atomics.load(count, 0))).toString('latin1');
  return { outcomes, harm };
}
