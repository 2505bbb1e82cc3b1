/** The figures of a run of `make bench`: one line `figure NAME VALUE UNIT` each. */
const lines: string[] = [];
const names = new Set<string>();

export function figure(name: string, value: number, unit: string): void {
  names.add(name);
  lines.push(`figure ${name} ${Number(value.toPrecision(4))} ${unit}`);
}
/** Print a figure that could not be measured, unless it has a value. */
export function unmeasured(name: string, error: unknown): void {
  if (names.has(name)) return;
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  names.add(name);
  lines.push(`figure ${name} unmeasured ${reason}`);
}
export function figureLines(): string {
  return `${lines.join('\n')}\n`;
}

const tables: string[] = [];
/** Print a table, and keep it for the report. */
export function table(rows: readonly string[]): void {
  tables.push(rows.join('\n'));
  process.stdout.write(`\n${rows.join('\n')}\n\n`);
}
/** All tables and figures so far as a Markdown page. */
export function report(machine: string): string {
  const blocks = [...tables, lines.join('\n')].map((text) => `\`\`\`text\n${text}\n\`\`\`\n`);
  return `# Benchmarks

\`make bench\` measures these figures next to \`erl\` in the same run; \`node --import tsx
bench/bench.ts --write\` also writes this page. Times of programs are CPU seconds, the best of
several runs, without starting up; a ratio is our time divided by OTP's. \`native\` is the Linux
build of the VM, \`Node\` the same VM on V8. Pauses and lateness are \`make latency\`'s.

Machine of this run: ${machine}.

${blocks.join('\n')}`;
}

/** A group of figures that are measured together; --quick asks for fewer repetitions. */
export interface Part {
  readonly figures: readonly string[];
  readonly measure: (quick: boolean) => Promise<void>;
}

export const progress = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
