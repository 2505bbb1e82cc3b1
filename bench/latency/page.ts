/** What docs/pauses.md shows of a run: its tables, each found by the first cell of its head. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InterruptLatency } from './interrupts.ts';
import type { Pause } from './machine.ts';
import type { Recovery } from './recovery.ts';

const page = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs', 'pauses.md');

/** The term that says where a pause was, for people. */
export function placeText(where: string): string {
  const place = "(?:undefined|\\{(\\w+|'[^']*'),(\\w+|'[^']*'),(\\d+)\\})";
  const running = new RegExp(`^\\{running,${place},\\{${place},${place}\\}\\}$`).exec(where);
  if (!running) return where.replace(/^\{(\w+),(\d+)\}$/, '$1, phase $2').replaceAll('_', ' ');
  const [began, bif, ended] = [1, 4, 7].map((at) =>
    running[at] ? `${running[at]}:${running[at + 1]}/${running[at + 2]}` : '',
  );
  const called = bif && bif !== began ? `, ${bif}` : '';
  return `${began}${called}${ended && ended !== began ? ` to ${ended}` : ''}`;
}

/** Columns of words, not of numbers. */
const LEFT = [
  'ended',
  'kind',
  'load',
  'promised',
  'scenario',
  'late by µs',
  'machine',
  'stub',
  'where',
];
/** Put a table in place of the one whose head begins with the same cell. */
function replaceTable(text: string, head: readonly string[], rows: readonly string[][]): string {
  const align = head.map((name) => (LEFT.includes(name) ? '---' : '---:'));
  const lines = [head, align, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const found = new RegExp(`^\\| ${head[0]} \\|[^\\n]*\\n(?:\\|[^\\n]*\\n)*`, 'm');
  if (!found.test(text)) throw new Error(`docs/pauses.md has no table '${head[0]}'`);
  return text.replace(found, () => `${lines.join('\n')}\n`);
}

const HEADS = { promised: 'promised', others: 'scenario' } as const;

/** The table of promised scenarios, or that of the others. */
export function writePauses(which: keyof typeof HEADS, found: readonly Pause[]): void {
  const rows = found.map(({ name, scale, longest, count, where }) => [
    `\`${name}\``,
    scale.toLocaleString('en'),
    longest.toLocaleString('en'),
    count.toLocaleString('en'),
    placeText(where).replaceAll('|', '\\|'),
  ]);
  const head = [HEADS[which], 'thousands', 'longest', 'pauses', 'where'];
  writeFileSync(page, replaceTable(readFileSync(page, 'utf8'), head, rows));
}

export interface Lateness {
  readonly who: string;
  /** Microseconds: median, 99th percentile, maximum. */
  readonly values: readonly number[];
}
/** The table of lateness, and how busy the machine was. */
export function writeLateness(rows: readonly Lateness[], load: string): void {
  const head = ['late by µs', 'median', '99th percentile', 'maximum', 'load average'];
  const cells = rows.map(({ who, values }) => [who, ...values.map((us) => us.toFixed(0)), load]);
  writeFileSync(page, replaceTable(readFileSync(page, 'utf8'), head, cells));
}

/** The table of interrupts. */
export function writeInterrupts(rows: readonly InterruptLatency[]): void {
  const head = ['machine', 'interrupts', 'in ms', 'median', '99 %', '99.9 %', 'maximum'];
  const cells = rows.map(({ load, samples, milliseconds, nanoseconds }) => [
    load,
    ...[samples, milliseconds, ...nanoseconds].map((value) => value.toLocaleString('en')),
  ]);
  writeFileSync(page, replaceTable(readFileSync(page, 'utf8'), head, cells));
}

/** The table of the stubs of interrupts. */
export function writeStubs(rows: readonly (readonly [string, number])[]): void {
  const cells = rows.map(([stub, nanoseconds]) => [stub, String(nanoseconds)]);
  writeFileSync(page, replaceTable(readFileSync(page, 'utf8'), ['stub', 'ns'], cells));
}

/** The table of what is ended, and serves again. */
export function writeRecovery(rows: readonly Recovery[]): void {
  const head = ['ended', 'kind', 'load', 'times', 'median', '99 %', 'maximum'];
  const cells = rows.map(({ load, kind, name, kills, nanoseconds }) => [
    `\`${name}\``,
    kind,
    load,
    String(kills),
    ...nanoseconds.map((value) => Math.round(value / 1000).toLocaleString('en')),
  ]);
  writeFileSync(page, replaceTable(readFileSync(page, 'utf8'), head, cells));
}
