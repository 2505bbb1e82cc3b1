/**
 * The stubs of interrupts. Counted on the machine code: instructions of the longest path through
 * one, and of the longest stretch with interrupts off. Measured in QEMU, with a clock that counts
 * an instruction as a nanosecond: from the vector to behind `iretq`.
 */

import { bootInQemu } from '../../nucleus/testing/boot.ts';
import {
  readNucleus,
  stretchesWithInterruptsOff,
  stubPaths,
} from '../../nucleus/testing/code_paths.ts';
import { buildTestKernel } from '../../nucleus/testing/kernel.ts';
import { figure } from '../figures.ts';
import { writeStubs } from './page.ts';

/** The names of the test kernel, and what they are to people. */
const STUBS = {
  stub_timer: 'timer',
  stub_timer_waiting: 'timer, an entry waits',
  stub_edge: 'edge-triggered line',
  stub_level: 'level-triggered line',
  stub_full: 'line, the ring is full',
  stub_spurious: 'spurious',
} as const;
/** An interrupt stub must take less, in nanoseconds. */
const STUB_MAX = 1000;
const LIMIT_MS = 600_000;

/** Counts and measures; true when every stub is short enough. */
export async function measureStubs(write: boolean): Promise<boolean> {
  const binary = readNucleus();
  const { stub, taskLeave } = stubPaths(binary);
  figure('isr_instructions_max', stub, 'instructions');
  figure('task_leave_instructions', taskLeave, 'instructions');
  const [longest] = stretchesWithInterruptsOff(binary);
  if (!longest) throw new Error('the nucleus never switches interrupts off');
  figure('interrupts_off_instructions_max', longest.instructions, 'instructions');

  const result = await bootInQemu({
    efi: buildTestKernel().efi,
    archive: new TextEncoder().encode('m'),
    extra: ['-icount', 'shift=0,sleep=off'],
    timeoutMs: LIMIT_MS,
  });
  const rows: [string, number][] = Object.entries(STUBS).map(([name, words]) => {
    const found = new RegExp(`^${name}=(\\d+)$`, 'm').exec(result.text)?.[1];
    if (found === undefined) throw new Error(`no ${name}: ${result.text.slice(-300)}`);
    return [words, Number(found)];
  });
  const most = Math.max(...rows.map(([, nanoseconds]) => nanoseconds));
  figure('isr_ns_max', most, 'ns');
  rows.push(['longest with interrupts off', longest.instructions]);
  process.stdout.write('\ninterrupt stubs, in nanoseconds, which are instructions\n');
  for (const [words, nanoseconds] of rows)
    process.stdout.write(`  ${words.padEnd(28)} ${String(nanoseconds).padStart(6)}\n`);
  if (write) writeStubs(rows);
  return most < STUB_MAX;
}
