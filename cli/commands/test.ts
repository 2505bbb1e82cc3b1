/** `vbeam test FILE_or_FOLDER...`: runs V's test files by the rules of V's own `v test`. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDir } from '../../image/boot_archive.ts';
import { erlExecutable } from '../../image/erl_program.ts';
import type { VOptions } from '../../image/program.ts';
import { runtimeModules } from '../../image/v_program.ts';
import { UserError } from '../../lib/user_error.ts';
import { CompileError, compileVFile, ErlangNode } from '../../v/compile.ts';
import {
  type Command,
  numberOption,
  parseArguments,
  vOptionSpecs,
  vOptions,
  vOptionsHelp,
} from '../command.ts';

const RULER = '-'.repeat(80);
const TEST_SECONDS = 300;

/** Files named `_test.v`, in folders too; folders named `testdata` are left out, as V does. */
function testFiles(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new UserError(`${path}: no such file or folder`, 1);
  if (!found.isDirectory()) {
    if (!path.endsWith('_test.v'))
      throw new UserError(`${path}: the name of a test file ends in _test.v`, 1);
    return [path];
  }
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  return entries.flatMap((entry) => {
    const inner = join(path, entry.name);
    // Links are not followed: they may lead back to here.
    if (entry.isDirectory()) return entry.name === 'testdata' ? [] : testFiles(inner);
    return entry.name.endsWith('_test.v') ? [inner] : [];
  });
}

interface Ran {
  readonly passed: boolean;
  /** What is shown below the line of the file. */
  readonly output: string;
  readonly compileMs: number;
  readonly runMs: number;
}

class Session {
  private readonly work = mkdtempSync(join(tmpdir(), 'vbeam-test-'));
  private readonly compiler = new ErlangNode();
  private readonly machine: ErlangNode;
  private readonly limitMs: number;

  private readonly options: VOptions;

  constructor(machine: ErlangNode | undefined, limitMs: number, options: VOptions) {
    this.options = options;
    this.machine = machine ?? this.compiler;
    this.limitMs = limitMs;
  }

  async start(stats: boolean, only: readonly string[]): Promise<void> {
    for (const beam of await runtimeModules(buildDir)) await this.machine.load(beam);
    await this.machine.configureTests(stats, only);
  }

  close(): void {
    this.compiler.close();
    this.machine.close();
    rmSync(this.work, { recursive: true, force: true });
  }

  async run(path: string, stats: boolean): Promise<Ran> {
    const start = performance.now();
    const elapsed = (since: number) => performance.now() - since;
    try {
      const { beamPath, warnings } = await compileVFile(
        path,
        this.work,
        this.compiler,
        this.options,
      );
      const compileMs = elapsed(start);
      const before = performance.now();
      const { status, stdout, stderr } = await this.machine.run(beamPath, this.limitMs);
      const runMs = elapsed(before);
      if (status === 0) {
        return { passed: true, output: stats ? warnings + stdout : warnings, compileMs, runMs };
      }
      const late = status === 124 ? `the test did not end in ${this.limitMs / 1000} s\n` : '';
      return { passed: false, output: warnings + stdout + stderr + late, compileMs, runMs };
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      const output = `>> compilation failed:\n${error.message}`;
      return { passed: false, output, compileMs: elapsed(start), runMs: 0 };
    }
  }
}

const milliseconds = (value: number, width: number, digits: number) =>
  `${value.toFixed(digits).padStart(width)} ms`;

function line(ran: Ran, index: number, count: number, path: string): string {
  const label = ran.passed ? ' OK  ' : ' FAIL';
  const width = String(count).length;
  const place = count > 1 ? ` [${String(index).padStart(width)}/${count}]` : '';
  const compiled = milliseconds(ran.compileMs, 7, 1);
  return `${label}${place} C: ${compiled}, R: ${milliseconds(ran.runMs, 9, 3)} ${path}\n`;
}

function summary(passed: number, failed: number, elapsedMs: number): string {
  const counts = [failed ? `${failed} failed, ` : '', passed ? `${passed} passed, ` : ''].join('');
  const total = `${counts}${passed + failed} total.`;
  return `Summary for all V _test.v files: ${total} Elapsed time: ${Math.round(elapsedMs)} ms.\n`;
}

async function machineOf(options: ReadonlyMap<string, string>): Promise<ErlangNode | undefined> {
  if (options.has('--erl')) return undefined;
  if (options.has('--native'))
    return new ErlangNode(await erlExecutable((text) => process.stderr.write(`${text}\n`)));
  return new ErlangNode(join(import.meta.dirname, '..', 'vbeam-erl.mjs'));
}

export const testCommand: Command = {
  help: `
usage: vbeam test [OPTIONS] FILE_test.v|FOLDER...

Runs the test functions of V's test files, below folders too: functions test_..., around them
testsuite_begin, testsuite_end, before_each and after_each. A failed assertion ends its function,
a panic its file.
  -stats            a line for each test function
  -run-only NAMES   only tests that match one of these patterns, with * and ?, by commas
  -fail-fast        end after the first file that fails
  --limit SECONDS   time for a file; default ${TEST_SECONDS}
  --native          on the VM as a Linux program; default: on the VM in Node
  --erl             on OTP's VM
${vOptionsHelp}Exit status: 1 when a file failed.
`,
  async run(args) {
    const { positional, options } = parseArguments(args, [
      { names: ['-stats', '--stats'], takesValue: false },
      { names: ['-run-only', '--run-only'], takesValue: true },
      { names: ['-fail-fast', '--fail-fast'], takesValue: false },
      { names: ['--limit'], takesValue: true },
      { names: ['--native'], takesValue: false },
      { names: ['--erl'], takesValue: false },
      ...vOptionSpecs,
    ]);
    if (!positional.length)
      throw new UserError('the test file or folder is missing; see --help', 2);
    const files = positional.flatMap(testFiles);
    const limit = numberOption(options, '--limit', TEST_SECONDS, 1, 86_400);
    const stats = options.has('-stats');
    const session = new Session(await machineOf(options), limit * 1000, vOptions(options));
    const start = performance.now();
    let passed = 0;
    let failed = 0;
    try {
      await session.start(stats, options.get('-run-only')?.split(',') ?? []);
      process.stdout.write(`---- Testing... ${'-'.repeat(64)}\n`);
      for (const [index, path] of files.entries()) {
        const ran = await session.run(path, stats);
        if (ran.passed) passed++;
        else failed++;
        process.stdout.write(line(ran, index + 1, files.length, path) + ran.output);
        if (!ran.passed && options.has('-fail-fast')) break;
      }
    } finally {
      session.close();
    }
    process.stdout.write(`${RULER}\n${summary(passed, failed, performance.now() - start)}`);
    return failed > 0 ? 1 : 0;
  },
};
