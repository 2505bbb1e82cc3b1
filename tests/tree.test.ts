/**
 * The supervision tree under faults, on the simulated PC: what is ended comes back, what keeps
 * failing climbs the ladder, and what was acknowledged is not lost. tests/tree/ has the programs.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inTime, recoveryOf } from '../bench/latency/recovery.ts';
import { root, vbeam } from './command_line.ts';

const slow = { timeout: 900_000 };

async function run(name: string): Promise<string[]> {
  const result = await vbeam(['run', join(root, 'tests', 'tree', `${name}.erl`)]);
  assert.equal(result.status, 0, `${result.stderr}\n${result.stdout.slice(-3000)}`);
  return result.stdout.replaceAll('\r', '').split('\n');
}

test('no byte of output is lost when the serial driver is ended 1,000 times', slow, async () => {
  const lines = await run('serial_kills');
  const starts = lines.filter((line) => line === 'child vbeam_serial: started');
  assert.equal(starts.length, 1001);
  const numbers = lines.flatMap((line) => {
    const found = /^line (\d+) abcdefghijklmnopqrstuvwxyz$/.exec(line);
    return found ? [Number(found[1])] : [];
  });
  assert.ok(numbers.length > 1000, `${numbers.length}`);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
  const wrote = lines.find((line) => line.startsWith('wrote '));
  assert.equal(wrote, `wrote ${numbers.length} lines`);
  const times = lines
    .map((line) => /^recovered in us: (\d+) (\d+) (\d+)$/.exec(line))
    .find(Boolean);
  for (const [index, name] of ['p50', 'p99', 'max'].entries())
    console.log(`figure serial_recovery_us_${name} ${times?.[index + 1]} us`);
  assert.ok(Number(times?.[3]) <= 10_000, `${times}`);
});

test('the serial line is kept busy at 115,200 baud', slow, async () => {
  const lines = await run('serial_busy');
  const busy = Number(lines.flatMap((line) => /^busy ([\d.]+) %$/.exec(line)?.[1] ?? [])[0]);
  console.log(`figure serial_busy_percent ${busy} percent`);
  assert.ok(busy > 98 && busy < 100.5, `${busy} %`);
});

test(
  'a driver that keeps failing climbs the ladder, and comes back when revived',
  slow,
  async () => {
    const lines = await run('ladder');
    const said = /^(started: |after |others |degraded: |revived: |one |and again|ladder )/;
    assert.deepEqual(
      lines.filter((line) => said.test(line)).map((line) => line.replace(/: \{as_told.*/, '')),
      [
        'started: restart',
        'after five failures: restart, kept 17',
        'ladder keeps failing, so all of its supervisor start again',
        'after six: subtree, kept 17',
        'others started again: true',
        'ladder keeps failing, so it starts without kept state',
        'after seven: sanitised, kept none, [0,1]',
        'ladder keeps failing, so it is not started any more',
        'after eight: degraded, running undefined',
        'degraded: [ladder]',
        'revived: restart, kept [0,0]',
        'after fifty kills: restart',
        'ladder does not answer: it is ended',
        'one that looped was ended: restart',
        'ladder keeps failing, so it is not started any more: broken',
        'one whose init fails: degraded',
        'and again: restart',
      ],
    );
  },
);

test(
  'everything in the tree is ended once and comes back, the root supervisor, too',
  slow,
  async () => {
    const lines = await run('kill_all');
    const back = lines.flatMap((line) => /^(\w+) came back$/.exec(line)?.[1] ?? []);
    assert.deepEqual(back, [
      'vbeam_serial',
      'vbeam_pci',
      'vbeam_watchdog',
      'vbeam_block_sup',
      'vbeam_power',
      'vbeam_console',
      'vbeam_guardian',
      'vbeam_filesystem_sup',
      'vbeam_vfs',
      'vbeam_scheduler',
      'vbeam_log',
      'vbeam_hal_sup',
      'vbeam_service_sup',
      'vbeam_kernel_sup',
    ]);
    assert.ok(
      lines.some((line) => /^ {6}vbeam_serial +<0\.\d+\.0> +\d+ +\d+ +\d+ +\d+/.test(line)),
    );
  },
);

test('each driver that is ended serves within 10 ms, idle and under load', slow, async () => {
  const result = await vbeam(['run', join(root, 'bench', 'latency', 'recovery.erl')]);
  assert.equal(result.status, 0, `${result.stderr}\n${result.stdout.slice(-3000)}`);
  const rows = result.stdout
    .replaceAll('\r', '')
    .split('\n')
    .flatMap((line) => recoveryOf(line) ?? []);
  for (const load of ['idle', 'busy']) {
    const drivers = rows.filter((row) => row.kind === 'driver' && row.load === load);
    assert.deepEqual(
      drivers.map(({ name }) => name),
      ['vbeam_serial', 'vbeam_pci', 'vbeam_watchdog', 'recovery_disk'],
    );
  }
  assert.ok(rows.some((row) => row.kind === 'service' && row.load === 'busy'));
  assert.deepEqual(
    rows.filter((row) => !inTime(row)),
    [],
  );
});

test('of 10,000 supervised processes 1,000 crash, and all are started again', slow, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-stress-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const source = readFileSync(join(root, 'bench', 'stress', 'stress.erl'), 'utf8');
  const program = join(folder, 'stress.erl');
  writeFileSync(program, source.replace('run(100000, 10000)', 'run(10000, 1000)'));
  const result = await vbeam(['run', program]);
  assert.equal(result.status, 0, result.stdout + result.stderr);
  const line = '10000 supervised processes, 1000 crashes, 1000 started again, 10000 living';
  assert.ok(result.stdout.includes(`stress: ${line}`), result.stdout);
});

test('a crash is kept from everything else: docs/isolation.md', slow, async () => {
  const page = readFileSync(join(root, 'docs', 'isolation.md'), 'utf8');
  const promised = [...page.matchAll(/^\| ((?:driver|service|application): [^|]+?) \|/gm)];
  const lines = await run('isolation');
  const held = lines.flatMap(
    (line) => /^((?:driver|service|application): .*): true$/.exec(line)?.[1] ?? [],
  );
  assert.deepEqual(
    held,
    promised.map((row) => row[1]),
  );
  assert.equal(held.length, 11);
});

test('without a console nobody reaches the machine, so the watchdog resets it', slow, async () => {
  const lines = await run('degraded_console');
  const told = /^(vbeam_console keeps|the console is|reset, )/;
  assert.deepEqual(
    lines.filter((line) => told.test(line)),
    [
      'vbeam_console keeps failing, so all of its supervisor start again: broken',
      'vbeam_console keeps failing, so it starts without kept state: broken',
      'vbeam_console keeps failing, so it is not started any more: broken',
      'the console is degraded',
      'reset, and the console is restart',
    ],
  );
});
