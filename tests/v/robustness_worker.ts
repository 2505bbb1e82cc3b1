/**
 * A thread that feeds sources to the compiler: cases `first`, `first + step`, ... of a file list.
 * Before each case it writes the number to shared memory, so that the other side knows which one
 * hangs. Programs that are accepted go to the other side as Core Erlang.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { compileV } from '../../v/compile.ts';
import { type Campaign, caseSource } from './robustness_cases.ts';

export interface WorkerTask {
  readonly campaign: Campaign;
  readonly first: number;
  readonly step: number;
  readonly end: number;
  /** One word: the number of the case that is being compiled. */
  readonly current: Int32Array;
}

export type WorkerReport =
  | { readonly kind: 'thrown'; readonly number: number; readonly text: string }
  | { readonly kind: 'silent'; readonly number: number }
  | { readonly kind: 'accepted'; readonly number: number; readonly core: string };

const { campaign, first, step, end, current } = workerData as WorkerTask;
const report = (message: WorkerReport) => parentPort?.postMessage(message);

for (let number = first; number < end; number += step) {
  Atomics.store(current, 0, number);
  const { path, source } = caseSource(campaign, number);
  try {
    const result = compileV(path, source);
    if ('core' in result) report({ kind: 'accepted', number, core: result.core });
    else if (result.errors.length === 0) report({ kind: 'silent', number });
  } catch (error) {
    report({ kind: 'thrown', number, text: String((error as Error).stack).slice(0, 1500) });
  }
}
Atomics.store(current, 0, end);
