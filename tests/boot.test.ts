/**
 * The whole way from a source file to the serial line: `vbeam run` on the simulated PC and `vbeam
 * qemu` on a real (emulated) machine under OVMF print the same and end with the same status.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProcessResult } from '../lib/run_process.ts';
import { noQemu, systemLines, vbeam, withoutFigures } from './command_line.ts';

const skip = noQemu();
const slow = { timeout: 1_800_000 };

/** A machine as small as the system promises to boot on. */
const onMachine = (...args: string[]) =>
  vbeam(['qemu', ...args, '--memory', '128', '--timeout', '600']);
const simulated = (...args: string[]) => vbeam(['run', ...args]);

/** What only the nucleus prints, before it starts the VM, and which watchdog the machine has. */
const nucleusLine =
  /^(BEAM Kernel|serial|boot services exited|GDT|IDT|paging|LAPIC timer|page allocator|memory map|watchdog)\b/;

/** The VM's, the tree's and the application's lines, with figures masked. */
function common(result: ProcessResult): string[] {
  return withoutFigures(systemLines(result.stdout).filter((line) => !nucleusLine.test(line)));
}

const phases = [
  'BEAM Kernel v0.1.0 booting...',
  'serial: ',
  'boot services exited: ',
  'GDT: ',
  'IDT: ',
  'paging: ',
  'LAPIC timer: ',
  'page allocator: ',
  'kernel heap: ',
  'process table: ',
  'modules: ',
  'root supervisor: vbeam_kernel_sup',
  'child vbeam_hal_sup: ',
  'child vbeam_serial: ',
  'child vbeam_service_sup: ',
  'child vbeam_console: ',
  'child vbeam_app_sup: ',
  'application v.main: ',
  'Hello from V!',
  'power off',
];

/** Each beginning stands at some line, in this order. */
function assertInOrder(lines: readonly string[], beginnings: readonly string[]): void {
  let from = 0;
  for (const beginning of beginnings) {
    const at = lines.findIndex((line, index) => index >= from && line.startsWith(beginning));
    assert.ok(at >= 0, `no line "${beginning}" from line ${from} on in\n${lines.join('\n')}`);
    from = at + 1;
  }
}

describe('hello.v', () => {
  test('prints its line in vbeam run, and the system ends with status 0', slow, async () => {
    const result = await simulated('examples/hello.v');
    assert.equal(result.status, 0, result.stderr);
    assertInOrder(systemLines(result.stdout), phases.slice(phases.indexOf('kernel heap: ')));
  });

  test('boots on a machine with 128 MB, phase by phase', { ...slow, skip }, async () => {
    const [machine, pc] = await Promise.all([
      onMachine('examples/hello.v'),
      simulated('examples/hello.v'),
    ]);
    assert.equal(machine.status, 0, `${machine.stderr}\n${machine.stdout}`);
    assertInOrder(systemLines(machine.stdout), phases);
    assert.deepEqual(common(machine), common(pc));
  });
});

const crashes = 'tests/programs/crash_once.erl';

/** The report and the second start. */
function assertRestarted(result: ProcessResult): void {
  assert.equal(result.status, 0, `${result.stderr}\n${result.stdout}`);
  const text = systemLines(result.stdout).join('\n');
  // The logger writes in its own time, so the report may stand behind the second start.
  assert.match(text, /about to crash[\s\S]*running again/);
  assert.match(text, /=CRASH REPORT=[\s\S]*exception error: crash_for_the_test/);
}

describe('an application that crashes is restarted, and its report is on the serial line', () => {
  test('in vbeam run', slow, async () => assertRestarted(await simulated(crashes)));
  test('in QEMU', { ...slow, skip }, async () => assertRestarted(await onMachine(crashes)));
});

describe('halt(3) ends the system with status 3', () => {
  const program = 'tests/programs/halt_three.erl';
  test('in vbeam run', slow, async () => {
    const result = await simulated(program);
    assert.equal(result.status, 3, `${result.stderr}\n${result.stdout}`);
    assert.match(result.stdout, /^halting\r?$/m);
  });
  test('in QEMU', { ...slow, skip }, async () => {
    const result = await onMachine(program);
    assert.equal(result.status, 3, `${result.stderr}\n${result.stdout}`);
    assert.match(result.stdout, /^halting\r?$/m);
  });
});

test('an Erlang program runs on the bare VM in QEMU, without supervision tree', {
  ...slow,
  skip,
}, async () => {
  const [machine, pc] = await Promise.all([
    onMachine('examples/hello.erl', '--bare'),
    simulated('examples/hello.erl', '--bare'),
  ]);
  assert.equal(machine.status, 0, `${machine.stderr}\n${machine.stdout}`);
  assert.match(machine.stdout, /Hello from Erlang!/);
  assert.doesNotMatch(machine.stdout, /supervisor/);
  assert.deepEqual(common(machine), common(pc));
});
