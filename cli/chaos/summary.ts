/** What a campaign prints: faults by kind, times to recover, what was not healed. */
import type { FaultRecord } from './protocol.ts';
import type { BootRecord } from './record.ts';

/** One row of the list of faults. */
export function faultRow(seed: number, fault: FaultRecord): string {
  const where = `${seed}/${fault.number}`.padEnd(9);
  const what = `${fault.kind} ${fault.target === 'none' ? '' : fault.target}`.padEnd(48);
  return fault.problem === null
    ? `${where} ${what} tree ${ms(fault.treeUs)} ms, console ${ms(fault.consoleUs)} ms`
    : `${where} ${what} NOT HEALED: ${fault.problem}`;
}

const ms = (us: number | null): string => (us === null ? '-' : (us / 1000).toFixed(3));

const healed = (fault: FaultRecord): boolean =>
  fault.problem === null && fault.treeUs !== null && fault.consoleUs !== null;

/** Until the tree was whole and the console had answered, in microseconds. */
const recovery = (fault: FaultRecord): number => Math.max(fault.treeUs ?? 0, fault.consoleUs ?? 0);

/** A value such that the share of all values is not above it. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

const ascending = (values: readonly number[]) => [...values].sort((a, b) => a - b);

function kindRows(faults: readonly FaultRecord[]): string[] {
  const kinds = [...new Set(faults.map((fault) => fault.kind))].sort();
  const head = 'kind                 faults  healed   tree ms p50      max   all ms p50      max';
  const rows = kinds.map((kind) => {
    const all = faults.filter((fault) => fault.kind === kind);
    const good = all.filter(healed);
    const tree = ascending(good.map((fault) => fault.treeUs ?? 0));
    const whole = ascending(good.map(recovery));
    const cells = [
      kind.padEnd(20),
      String(all.length).padStart(6),
      String(good.length).padStart(7),
      ms(quantile(tree, 0.5)).padStart(13),
      ms(tree.at(-1) ?? 0).padStart(8),
      ms(quantile(whole, 0.5)).padStart(12),
      ms(whole.at(-1) ?? 0).padStart(8),
    ];
    return cells.join(' ');
  });
  return [head, ...rows];
}

/** Each fault that was not healed, and what was wrong with a boot as a whole. */
function problemRows(boots: readonly BootRecord[], replay: string): string[] {
  return boots.flatMap((boot) => {
    const bad = boot.faults.filter((fault) => !healed(fault));
    const rows = bad.map((fault) => {
      const why = fault.problem ?? boot.ending ?? 'the boot ended before it was healed';
      return [
        `seed ${boot.seed}, fault ${fault.number} (${fault.kind} ${fault.target}): ${why}`,
        ...boot.notes.map((note) => `    after us: ${note}`),
        `    the same again: ${replay} --seed ${boot.seed} --faults ${fault.number}`,
      ].join('\n');
    });
    const whole = bad.length === 0 && !boot.ended ? [boot.ending ?? 'it ended early'] : [];
    const others = [...boot.problems, ...whole].map((why) => {
      const { length } = boot.faults;
      return [
        `seed ${boot.seed}: ${why}`,
        `    the same again: ${replay} --seed ${boot.seed} --faults ${length}`,
      ].join('\n');
    });
    return [...rows, ...others];
  });
}

export interface Summary {
  readonly text: string;
  readonly ok: boolean;
}

/** `suffix` is that of the figures' names, `replay` the command that shows a failure again. */
export function summary(boots: readonly BootRecord[], suffix: string, replay: string): Summary {
  const faults = boots.flatMap((boot) => boot.faults);
  const good = faults.filter(healed);
  const times = ascending(good.map(recovery));
  const trees = ascending(good.map((fault) => fault.treeUs ?? 0));
  const crashes = boots.filter((boot) => boot.crashed).length;
  const hangs = boots.filter((boot) => boot.hung).length;
  const problems = problemRows(boots, replay);
  const lines = boots.reduce((sum, boot) => sum + boot.lines, 0);
  const milliseconds = (name: string, sorted: readonly number[]) =>
    [
      ['p50', quantile(sorted, 0.5)] as const,
      ['p99', quantile(sorted, 0.99)] as const,
      ['max', sorted.at(-1) ?? 0] as const,
    ].map(([what, us]) => `figure ${name}${suffix}_${what} ${us / 1000} ms`);
  const text = [
    ...kindRows(faults),
    '',
    `${boots.length} boots, ${faults.length} faults, ${good.length} healed; ` +
      `${lines} numbered lines on the serial line${problems.length ? '' : ', each once and in order'}; ` +
      `${crashes} crashes of the VM, ${hangs} hangs`,
    ...problems,
    '',
    `figure chaos_faults${suffix} ${faults.length} faults`,
    `figure chaos_healed${suffix} ${good.length} faults`,
    `figure chaos_unhealed${suffix} ${faults.length - good.length} faults`,
    `figure chaos_vm_crashes${suffix} ${crashes} crashes`,
    `figure chaos_hangs${suffix} ${hangs} hangs`,
    ...milliseconds('recovery_ms', times),
    ...milliseconds('tree_recovery_ms', trees),
    '',
  ].join('\n');
  return { text, ok: problems.length === 0 && crashes === 0 && hangs === 0 };
}
