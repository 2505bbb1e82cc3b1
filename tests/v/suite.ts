/**
 * V's own tests, from a checkout of V: what one of them does, compiled here, under `erl` and on our
 * VM.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompileError, compileRuntime, compileVFile, ErlangNode } from '../../v/compile.ts';

const RUN_LIMIT_MS = 20_000;
/** Our VM interprets, and shares the machine with `erl`. */
const OUR_LIMIT_MS = 60_000;

/** A list of V's tests with what is kept about it. */
export interface Suite {
  /** Files beside this one: the tests, and those that fail. */
  readonly list: string;
  readonly failing: string;
  /** The table, in `docs/`. */
  readonly document: string;
  /** What the figures are called, and what the document says of the tests. */
  readonly figure: string;
  readonly title: string;
  readonly about: string;
  readonly after: string;
  /** The folder that the tests stand in; the next below it is a category. */
  readonly folder: string;
}

export const languageSuite: Suite = {
  list: 'tests.txt',
  failing: 'failing.tsv',
  document: 'v_tests.md',
  figure: 'v_tests',
  title: "V's own tests",
  about: `The tests of V's repository (\`vlib/v/tests\`) that need nothing that cannot exist on BEAM
(\`tests/v/tests.txt\`), compiled by our compiler and run on OTP's VM and on ours.
\`V_SRC=DIR make test-v\` makes this table from a checkout of V. A test passes when it ends with
status 0. Those that do not, with the reasons: \`tests/v/failing.tsv\`.
`,
  after: `
Out of scope, as they need what BEAM has not: C interoperation beyond system calls, inline assembly,
\`sql\` and the ORM, \`goto\`, raw memory.
`,
  folder: 'vlib/v/tests/',
};

export const librarySuite: Suite = {
  list: 'library_tests.txt',
  failing: 'failing_library.tsv',
  document: 'v_library_tests.md',
  figure: 'v_library_tests',
  title: "Tests of V's library",
  about: `The tests that stand beside the modules of V's library, of those modules that need neither
graphics, networks, data bases nor V's compiler, as far as they call no C themselves
(\`tests/v/library_tests.txt\`). The modules are V's sources with our overlay (\`v/vlib\`).
\`V_SRC=DIR make test-v TESTS=--library\` runs them, \`--update\` makes this table. A test passes
when it ends with status 0. Those that do not: \`tests/v/failing_library.tsv\`.
`,
  after: '',
  folder: 'vlib/',
};

/** Paths below the checkout that the figures count, in alphabetical order. */
export function listedTests(suite: Suite): string[] {
  return readFileSync(join(import.meta.dirname, suite.list), 'utf8')
    .trim()
    .split('\n');
}

/** The folder below the suite's that a test stands in; `root` for those that stand in none. */
export function categoryOf(suite: Suite, path: string): string {
  const [folder, ...rest] = path.replace(suite.folder, '').split('/');
  return rest.length > 0 ? (folder as string) : 'root';
}

export type Stage = 'ok' | 'compile' | 'run' | 'internal';

export interface TestResult {
  readonly path: string;
  /** How far the test came under `erl`. */
  readonly stage: Stage;
  /** The first thing that was complained about. */
  readonly report: string;
  /** On our VM the output and the status were those of `erl`; undefined: not run there. */
  readonly same: boolean | undefined;
  /** What our VM did instead. */
  readonly difference: string;
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

/** A compiler, `erl` to run on and, when its executable is given, our VM. */
export class Lane {
  private readonly work = mkdtempSync(join(tmpdir(), 'v-suite-'));
  private readonly erl = new ErlangNode();
  private readonly ours: ErlangNode | undefined;
  private readonly checkout: string;

  constructor(checkout: string, ours: string | undefined) {
    this.checkout = checkout;
    this.ours = ours === undefined ? undefined : new ErlangNode(ours);
  }

  async start(): Promise<void> {
    for (const beam of await compileRuntime(join(this.work, 'runtime'), this.erl)) {
      await this.erl.load(beam);
      await this.ours?.load(beam);
    }
  }

  close(): void {
    this.erl.close();
    this.ours?.close();
    rmSync(this.work, { recursive: true, force: true });
  }

  async run(path: string): Promise<TestResult> {
    const failed = (stage: Stage, report: string): TestResult => {
      return { path, stage, report: oneLine(report), same: undefined, difference: '' };
    };
    let beam: string;
    try {
      const source = join(this.checkout, path);
      beam = (await compileVFile(source, join(this.work, 'program'), this.erl)).beamPath;
    } catch (error) {
      if (!(error instanceof CompileError)) return failed('internal', (error as Error).message);
      const first = error.diagnostics.find((each) => each.severity === 'error');
      return failed('compile', first?.message ?? error.message);
    }
    const expected = await this.erl.run(beam, RUN_LIMIT_MS);
    if (expected.status !== 0)
      return failed('run', `${expected.status}: ${expected.stderr}${expected.stdout}`);
    if (!this.ours) return failed('ok', '');
    const actual = await this.ours.run(beam, OUR_LIMIT_MS);
    const same = actual.status === expected.status;
    const difference = same ? '' : `${actual.status}: ${actual.stderr}${actual.stdout}`;
    return { ...failed('ok', ''), same, difference: oneLine(difference) };
  }
}
