/** The Linux host layer, run as what it is: a program, with a small C program in the VM's place. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildLinuxExecutable } from '../image/kernel_image.ts';

const directory = mkdtempSync(join(tmpdir(), 'vbeam-linux-'));
after(() => rmSync(directory, { recursive: true }));
const program = join(directory, 'program');

const flags = [
  '-O2',
  '-ffreestanding',
  '-mcmodel=small',
  '-fno-pic',
  '-fno-omit-frame-pointer',
  '-fno-optimize-sibling-calls',
  '-fno-stack-protector',
  '-fno-asynchronous-unwind-tables',
];

before(() => {
  const source = fileURLToPath(new URL('testing/test_program.c', import.meta.url));
  const object = join(directory, 'test_program.o');
  execFileSync('clang', [...flags, '-c', source, '-o', object]);
  const vmObjects = [{ name: 'test_program.o', bytes: readFileSync(object) }];
  writeFileSync(program, buildLinuxExecutable({ vmObjects }), { mode: 0o755 });
});

function archive(text: string): string {
  const path = join(directory, `archive-${text.slice(0, 4)}`);
  writeFileSync(path, text);
  return path;
}

function run(args: readonly string[]) {
  return spawnSync(program, args, { encoding: 'utf8', input: '', timeout: 20_000 });
}

test('serves every host function, and COM1 by interrupts on standard input and output', async () => {
  const text = `a${'archive '.repeat(1125)}`.slice(0, 9000);
  const child = spawn(program, [archive(text), '256'], { timeout: 30_000 });
  let output = '';
  let report = '';
  child.stderr.on('data', (data) => {
    report += data;
  });
  child.stdout.on('data', (data) => {
    output += data;
    // The second half is typed when the first one has come back.
    if (output.endsWith('first\n')) child.stdin.write('a line that is longer than a FIFO.');
  });
  child.stdin.write('first\n');
  const status = await new Promise((resolve) => child.on('close', resolve));
  const values = Object.fromEntries(
    [...report.matchAll(/^(\w+)=(\d+)$/gm)].map(([, name, value]) => [name, Number(value)]),
  );
  const { wall_seconds, ...rest } = values;
  assert.ok(Math.abs(Number(wall_seconds) - Date.now() / 1000) < 120);
  assert.deepEqual(rest, {
    archive_sum: Buffer.from(text).reduce((sum, byte) => sum + byte, 0),
    memory: 256 << 20,
    waited: 1,
    entropy_differs: 1,
    kept: 14,
    discarded: 0,
    archive_survives: 1,
    in_before: 255,
    grant_ports: 0,
    grant_twice: 3,
    grant_line: 0,
    grant_other: 1,
    grant_memory: 1,
    in16: 0xffff_ffff,
    mmio: 1,
    scratch: 0x5a,
    divisor: 12,
    revoked: 255,
    grant_again: 0,
    none: 0,
    sender_empty: 1,
    vector: 52,
    identification: 2,
    identified: 1,
    after_byte: 1,
    reason: 2,
    interrupts_plausible: 1,
  });
  assert.equal(output, '>first\na line that is longer than a FIFO.');
  assert.equal(status, 7);
});

test('an access outside linear memory is reported with names of functions', () => {
  const result = run([archive('f')]);
  assert.match(result.stderr, /signal 11: SIGSEGV.*, address 0x10027ffffff0\n/);
  assert.match(
    result.stderr,
    /write_to\+0x\w+\n.*go_wrong\+0x\w+\n.*vm_main\+0x\w+\n.*_start\+0x\w+\n$/,
  );
  assert.equal(result.status, 255);
});

test('a trap of the VM is reported with its name', () => {
  const result = run([archive('t')]);
  assert.match(result.stderr, /VM trap 7: undefined element\nbacktrace:\n.*vm_trap.*\n.*vm_main/);
  assert.equal(result.status, 255);
});

const statuses: readonly [string, string[], number, RegExp][] = [
  ['a status that does not fit 8 bits stays non-zero', ['w'], 1, /^$/],
  ['status 0 is success', ['0'], 0, /^$/],
  ['a main that returns is an error', ['x'], 255, /nucleus: the VM returned\n/],
  ['an archive larger than memory is an error', ['0', '0'], 255, /has 1 bytes, the VM only 0\n/],
];
for (const [name, [content = '', ...more], status, message] of statuses) {
  test(name, () => {
    const result = run([archive(content), ...more]);
    assert.match(result.stderr, message);
    assert.equal(result.status, status);
  });
}

test('a missing archive and missing arguments are said', () => {
  const missing = run([join(directory, 'none.tar')]);
  assert.match(missing.stderr, /^boot archive .*none\.tar cannot be opened: error 2\n$/);
  assert.equal(missing.status, 255);
  const usage = run([]);
  assert.match(usage.stderr, /^usage: PROGRAM ARCHIVE/);
  assert.equal(usage.status, 2);
});
