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

/** A group of figures that are measured together; --quick asks for fewer repetitions. */
export interface Part {
  readonly figures: readonly string[];
  readonly measure: (quick: boolean) => Promise<void>;
}

export const progress = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
