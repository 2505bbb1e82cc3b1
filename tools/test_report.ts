/**
 * What `make test` prints of node:test: failures in full, skips with their reason, one line a file
 * from the quickest to the slowest.
 * https://nodejs.org/docs/latest-v20.x/api/test.html#class-testsstream
 */
import { relative } from 'node:path';

interface TestData {
  readonly name: string;
  readonly file?: string;
  readonly nesting: number;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly message?: string;
  readonly details?: {
    readonly duration_ms: number;
    readonly error?: Error & { readonly cause?: unknown; readonly failureType?: string };
  };
}

interface TestEvent {
  readonly type: string;
  readonly data: TestData;
}

interface FileCount {
  tests: number;
  failed: number;
  ms: number;
}

export interface TestReport {
  readonly failed: number;
  /** node's closing figures: `tests N`, `pass N`, … */
  readonly closing: readonly string[];
}

/** Text of a failure: the assertion's message with its difference, and where it is. */
function failureText(data: TestData, file: string): string {
  const error = data.details?.error;
  const cause = error?.cause ?? error;
  const text =
    cause instanceof Error ? (cause.stack ?? cause.message) : String(cause ?? 'no reason given');
  const lines = text.split('\n').filter((line) => !line.includes('node:internal'));
  return [`FAIL ${file}: ${data.name}`, ...lines.map((line) => `     ${line}`), ''].join('\n');
}

function fileTable(files: ReadonlyMap<string, FileCount>): string {
  const rows = [...files].sort((a, b) => a[1].ms - b[1].ms);
  return rows
    .map(([file, { tests, failed, ms }]) => {
      const state = failed ? `${failed} FAILED of ${tests}` : `${tests} ok`;
      return `${`${(ms / 1000).toFixed(1)} s`.padStart(8)}  ${state.padEnd(16)} ${file}\n`;
    })
    .join('');
}

/** Consume the events of a run; `print` gets text as it comes. */
export async function reportTests(
  source: AsyncIterable<unknown>,
  root: string,
  print: (text: string) => void,
): Promise<TestReport> {
  const files = new Map<string, FileCount>();
  const closing: string[] = [];
  let failed = 0;

  const onEnd = (type: string, data: TestData): void => {
    const file = data.file ? relative(root, data.file) : '';
    const count = files.get(file) ?? { tests: 0, failed: 0, ms: 0 };
    files.set(file, count);
    if (data.nesting === 0) count.ms += data.details?.duration_ms ?? 0;
    count.tests++;
    if (type === 'test:fail' && data.todo === undefined) {
      failed++;
      count.failed++;
      // A suite only repeats what its tests said.
      if (data.details?.error?.failureType !== 'subtestsFailed') print(failureText(data, file));
    } else if (data.skip !== undefined && data.skip !== false) {
      const reason = data.skip === true ? 'no reason given' : data.skip;
      print(`SKIP ${file}: ${data.name}: ${reason}\n`);
    }
  };

  for await (const { type, data } of source as AsyncIterable<TestEvent>) {
    if (type === 'test:pass' || type === 'test:fail') onEnd(type, data);
    else if (type === 'test:stderr') print(data.message ?? '');
    else if (type === 'test:diagnostic' && data.nesting === 0 && data.file === undefined)
      closing.push(data.message ?? '');
  }
  print(fileTable(files));
  return { failed, closing };
}
