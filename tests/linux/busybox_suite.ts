/**
 * Busybox's own tests (Debian's source package), run in QEMU by busybox's shell on this system:
 *
 *     make test-busybox                        all applets; writes docs/linux_busybox.md
 *     make test-busybox APPLETS="ls cat"       some
 *
 * `bc` and `dc` are left out: their tests take hours on an emulated machine. Counted is what the
 * suite prints: PASS, FAIL, SKIPPED, UNTESTED.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { debianSource } from '../../image/debian_package.ts';
import { busyboxPath } from '../../image/linux_files.ts';
import { root, vbeam } from '../command_line.ts';

const leftOut = ['bc', 'dc', 'all_sourcecode'];
const suiteTimeoutS = 7200;
const outcomes = ['PASS', 'FAIL', 'SKIPPED', 'UNTESTED'] as const;
type Outcome = (typeof outcomes)[number];

export interface AppletResult {
  readonly applet: string;
  readonly tests: readonly { readonly outcome: Outcome; readonly name: string }[];
  /** How the shell that ran them ended; undefined when the system did not come back from it. */
  readonly ended: string | undefined;
}

/** Names of the applets that have tests. */
export function suiteApplets(source: string): string[] {
  const names = readdirSync(join(source, 'testsuite'), { withFileTypes: true })
    .filter((each) => each.isDirectory() || each.name.endsWith('.tests'))
    .map((each) => basename(each.name, '.tests'))
    .filter((name) => !leftOut.includes(name) && name !== 'mount.testroot');
  return [...new Set(names)].sort();
}

/** What a run of busybox_suite.erl printed, by applet. */
export function suiteResults(output: string): AppletResult[] {
  return output
    .replaceAll('\r', '')
    .split(/^APPLET: /m)
    .slice(1)
    .map((text) => {
      const [applet = '', ...lines] = text.split('\n');
      const tests = lines.flatMap((line) => {
        const found = /^(PASS|FAIL|SKIPPED|UNTESTED): (.*)$/.exec(line);
        return found ? [{ outcome: found[1] as Outcome, name: found[2] ?? '' }] : [];
      });
      const ended = lines.map((line) => /^ENDED: \S+ (.*) \d+ ms$/.exec(line)?.[1]);
      return { applet, tests, ended: ended.find((each) => each !== undefined) };
    });
}

export function countOf(results: readonly AppletResult[], outcome: Outcome): number {
  return results.flatMap(({ tests }) => tests).filter((each) => each.outcome === outcome).length;
}

/** Runs the tests of these applets in one machine. */
export async function runSuite(
  applets: readonly string[],
  timeoutS = suiteTimeoutS,
): Promise<{ results: AppletResult[]; output: string }> {
  const source = await debianSource('busybox');
  const added = [
    [join(source, 'testsuite'), '/suite/testsuite'],
    [join(source, 'debian', 'config', 'pkg', 'static'), '/suite/.config'],
    [await busyboxPath(), '/suite/busybox'],
  ].flatMap(([host, guest]) => ['--add', `${host}:${guest}`]);
  const program = join(root, 'tests', 'linux', 'busybox_suite.erl');
  const options = ['--linux', '--memory', '512', '--timeout', String(timeoutS)];
  const run = await vbeam(['qemu', program, ...options, ...added, '--', ...applets], {
    timeoutMs: (timeoutS + 600) * 1000,
  });
  return { results: suiteResults(run.stdout), output: run.stdout + run.stderr };
}

function table(results: readonly AppletResult[]): string {
  const rows = results.map((each) => {
    const counts = outcomes.map((outcome) => countOf([each], outcome));
    const failing = each.tests.filter(({ outcome }) => outcome === 'FAIL').map(({ name }) => name);
    const ended =
      each.ended === 'normal' || each.ended?.startsWith('{exit_status') ? '' : each.ended;
    const notes = [...failing, ...(ended === '' ? [] : [`ended: ${ended ?? 'not'}`])].join('; ');
    return `| ${each.applet} | ${counts.join(' | ')} | ${notes.replaceAll('|', '\\|')} |`;
  });
  const sums = outcomes.map((outcome) => countOf(results, outcome));
  return [
    '| applet | pass | fail | skipped | untested | failing |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    `| **all** | ${sums.join(' | ')} | |`,
  ].join('\n');
}

async function main(): Promise<void> {
  const named = process.argv.slice(2);
  const all = suiteApplets(await debianSource('busybox'));
  const { results, output } = await runSuite(named.length ? named : all);
  const report = table(results);
  process.stdout.write(`${results.length ? report : output}\n`);
  const sums = outcomes.map((outcome) => `${outcome} ${countOf(results, outcome)}`);
  process.stdout.write(`figure busybox_tests ${sums.join(' ')}\n`);
  if (named.length === 0 && results.length === all.length) {
    const text = `# Busybox's own tests\n\nMade by \`make test-busybox\`, in QEMU.\n\n${report}\n`;
    writeFileSync(join(root, 'docs', 'linux_busybox.md'), text);
  }
  const missing = results.length < (named.length || all.length);
  if (missing) process.stdout.write(`the system ended early:\n${output.slice(-3000)}\n`);
  process.exitCode = missing ? 1 : 0;
}

if (process.argv[1] === import.meta.filename) await main();
