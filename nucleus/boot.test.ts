/**
 * The nucleus in QEMU under OVMF, with a small C kernel in the VM's place
 * (nucleus/testing/test_kernel.c). A boot takes seconds, so one of them checks all host functions,
 * and the others one way to fail each.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { KernelImage } from '../image/kernel_image.ts';
import { link, readElfObject, readPe, writePe } from '../link/link.ts';
import { posixErrors } from '../tables/posix_errors.ts';
import { rflags } from '../tables/x86_system.ts';
import { type BootResult, bootInQemu, emulatesX2apic, testKey } from './testing/boot.ts';
import { buildEmptyKernel, buildTestKernel } from './testing/kernel.ts';
import { assemble, taskPrograms } from './testing/task_programs.ts';

const directory = mkdtempSync(join(tmpdir(), 'vbeam-kernel-'));
after(() => rmSync(directory, { recursive: true }));

let kernel: KernelImage;

before(() => {
  kernel = buildTestKernel();
});

const archiveOf = (text: string) => new TextEncoder().encode(text);

/** The `name=value` lines of the test kernel. */
const values = ({ lines }: BootResult): Record<string, number> =>
  Object.fromEntries(
    lines
      .map((line) => /^(\w+)=(\d+)$/.exec(line))
      .filter((match) => match !== null)
      .map(([, name, value]) => [name, Number(value)]),
  );

const phases = [
  /^BEAM Kernel v0\.1\.0 booting\.\.\.$/,
  /^serial: COM1 at 0x3f8, 115200 baud, 8N1$/,
  /^boot services exited: boot archive of \d+ bytes read$/,
  /^GDT: code64, data64, TSS/,
  /^IDT: 256 vectors$/,
  /^paging: 4 levels, first 4 GiB identity mapped, kernel at 0xffffffff80000000/,
  /^LAPIC timer: every 1000 us on vector 32 \(x2?APIC\), time-stamp counter \d+ MHz by (HPET|PM timer)$/,
  /^page allocator: \d+ KiB free of \d+ KiB of memory$/,
  /^memory map: identity map of 4 GiB, direct map at 0xffff800000000000, kernel at 0xffffffff80000000$/,
  /^memory map: linear memory at 0xffffa00080000000, \d+ KiB$/,
  /^memory map: DMA arena of \d+ KiB at physical 0x\w+(, local APIC at 0xfee00000)?(, HPET at 0xfed00000)?$/,
];

function assertPhases(result: BootResult): void {
  for (const [index, pattern] of phases.entries()) {
    assert.match(result.lines[index] ?? '', pattern, result.text);
  }
}

/** What the test kernel tells of the host functions, with an archive whose bytes have that sum. */
const hostFunctions = (archiveSum: number) => ({
  initialised: 42,
  archive_linear_page: 0,
  archive_bytes: 9000,
  archive_sum: archiveSum,
  behind_archive: 0,
  dirty: 0,
  wrong: 0,
  discarded: 0,
  kept: 1,
  archive_survives: 1,
  all_discarded: 0,
  doorbell: 0x7fff_ffff,
  timer_entry: 1,
  timer_ticks_plausible: 1,
  timer_time_plausible: 1,
  early: 0,
  slow: 0,
  entropy_differs: 1,
  choose: 0,
  lsr_before: 255,
  grant_com1: 0,
  grant_twice: 3,
  grant_nothing: 3,
  grant_beyond: 3,
  grant_wrapping: 3,
  grant_kind: 3,
  grant_vector: 1,
  grant_pic: 1,
  grant_exit: 1,
  grant_memory: 1,
  grant_lapic: 1,
  grant_no_line: 3,
  lsr: 0x60,
  in16_partly: 65535,
  hpet_before: 1,
  grant_hpet: 0,
  hpet_vendor: 0x8086,
  hpet_period: 10_000_000,
  hpet_size_3: 1,
  hpet_beyond: 1,
  clock_agrees: 1,
  hpet_after: 1,
  table_full: 2,
  many: 1,
  again: 0,
  grant_line: 0,
  edge: 1,
  ring_filled: 1,
  none_lost_silently: 1500,
  revoked_line: 0,
  grant_edu: 0,
  edu_id: 0xed,
  grant_edu_line: 0,
  level_once: 1,
  level_still_high: 1,
  level_acknowledged: 0,
  level_again: 1,
});

describe('the nucleus under OVMF', { concurrency: 2 }, () => {
  const old = emulatesX2apic() ? false : 'this QEMU emulates no x2APIC; version 9 does';
  for (const [mode, cpu, skip] of [
    ['xAPIC', 'qemu64', false],
    ['x2APIC', 'max,+x2apic', old],
  ] as const) {
    const what = `boots with ${mode}, serves every host function, and powers off with status 0`;
    test(what, { skip }, async () => {
      // 9,000 bytes: two whole pages and a part.
      const archive = archiveOf(`a${'archive '.repeat(1125)}`.slice(0, 9000));
      const result = await bootInQemu({ efi: kernel.efi, archive, cpu, devices: ['edu'] });
      assertPhases(result);
      assert.match(result.text, new RegExp(`vector 32 \\(${mode}\\), .* by HPET`));
      const { memory_mib, wall_seconds, ...rest } = values(result);
      assert.ok(Number(memory_mib) >= 96, `${memory_mib} MiB of 128 for the VM`);
      assert.ok(Math.abs(Number(wall_seconds) - Date.now() / 1000) < 120, `${wall_seconds}`);
      const sum = archive.reduce((all, byte) => all + byte, 0);
      assert.deepEqual(rest, hostFunctions(sum));
      assert.match(result.text, /\nall done\n/);
      assert.equal(result.status, 0);
    });
  }

  test('reports a page fault with names, on a large machine with every CPU feature', async () => {
    const large = { memoryMib: 4096, cpu: 'max', machine: 'q35' };
    const result = await bootInQemu({ efi: kernel.efi, archive: archiveOf('f'), ...large });
    assertPhases(result);
    assert.match(result.text, /\nexception 14: #PF page fault\n/);
    assert.match(
      result.text,
      /error code 0x2, page not present, write, data, cr2 0xffffa0107ffff000\n/,
    );
    assert.match(result.text, /\nrip 0xffffffff8\w+ {2}write_to\+0x\w+, rflags/);
    assert.match(result.text, /\nprocess <0.291.0>, instruction 0x0\n/);
    const trace = ['write_to', 'go_wrong', 'vm_main', 'kernel_high'];
    const lines = trace.map((name) => `  0xffffffff8\\w+  ${name}\\+0x\\w+\n`).join('');
    assert.match(result.text, new RegExp(`backtrace:\n${lines}$`));
    assert.equal(result.status, 255);
  });

  test('reports an overflow of the kernel stack instead of resetting', async () => {
    const result = await bootInQemu({ efi: kernel.efi, archive: archiveOf('s') });
    assert.match(result.text, /\nexception 8: #DF double fault\n/);
    assert.match(result.text, /\nstack overflow: kernel_stack has reached its guard page\n/);
    assert.match(result.text, /run_over\+0x\w+\n/);
    assert.equal(result.status, 255);
  });

  test('loses none of a million interrupts silently', async () => {
    const result = await bootInQemu({
      efi: kernel.efi,
      archive: archiveOf('i'),
      timeoutMs: 300_000,
    });
    assert.deepEqual(values(result), { initialised: 42, storm: 1_000_000, storm_entries_some: 1 });
    assert.equal(result.status, 0);
  });

  // In a file with holes: a host need not have that much.
  const file = `mem-path=${join(directory, 'ram')},share=on`;
  const ram = ['-object', `memory-backend-file,id=ram,size=64G,${file}`];
  for (const [what, reference, options] of [
    ['without an HPET', 'PM timer', { machine: 'q35,hpet=off' }],
    ['with eight processors, of which it uses one', 'HPET', { extra: ['-smp', '8'] }],
    ['with 96 MiB of memory', 'HPET', { memoryMib: 96 }],
    [
      'with 64 GiB of memory',
      'HPET',
      { memoryMib: 65_536, machine: 'q35,memory-backend=ram', extra: ram },
    ],
  ] as const) {
    test(`boots ${what}`, async () => {
      const timeoutMs = 300_000;
      const result = await bootInQemu({
        efi: kernel.efi,
        archive: archiveOf('p'),
        timeoutMs,
        ...options,
      });
      assertPhases(result);
      assert.match(result.text, new RegExp(`time-stamp counter \\d+ MHz by ${reference}\n`));
      const hpet = /local APIC at 0xfee00000, HPET at 0xfed00000\n/.test(result.text);
      assert.equal(hpet, reference === 'HPET', result.text);
      assert.equal(result.status, (42 << 1) | 1, result.text);
    });
  }

  // While it boots, sleeps, computes, and runs native tasks. Before `IDT:` it is the firmware's.
  for (const [archive, afterMs] of [
    [archiveOf('w'), 0],
    [archiveOf('w'), 2000],
    [archiveOf('l'), 2000],
    [taskArchive(), 1500],
  ] as const) {
    test(`reports a non-maskable interrupt in '${archive[0]}' after ${afterMs} ms`, async () => {
      const monitor = { command: 'nmi', after: 'IDT: 256 vectors', afterMs };
      const options = { monitor, timeoutMs: 120_000, memoryMib: 128 };
      const result = await bootInQemu({ efi: kernel.efi, archive, ...options });
      assert.match(result.text, /\nexception 2: NMI non-maskable interrupt\n/);
      assert.match(result.text, /\nbacktrace:\n/);
      assert.equal(result.status, 255);
    });
  }

  test('faults on address 0', async () => {
    const result = await bootInQemu({ efi: kernel.efi, archive: archiveOf('n') });
    assert.match(result.text, /page not present, write, data, cr2 0x0\n/);
    assert.equal(result.status, 255);
  });

  test('gives QEMU an exit status that depends on the one of the program', async () => {
    const result = await bootInQemu({ efi: kernel.efi, archive: archiveOf('p') });
    assert.equal(result.status, (42 << 1) | 1);
  });

  test('says that the boot archive is missing, or that the machine is too small', async () => {
    const [missing, small, large] = await Promise.all([
      bootInQemu({ efi: kernel.efi, archive: null }),
      bootInQemu({ efi: kernel.efi, archive: archiveOf('a'), memoryMib: 48 }),
      bootInQemu({ efi: kernel.efi, archive: new Uint8Array(120 << 20) }),
    ]);
    assert.match(
      missing.text,
      /nucleus: boot archive \\VBEAM\\BOOT.TAR cannot be read: EFI status 0x8\w+e\n/,
    );
    assert.match(
      small.text,
      /nucleus: this image needs at least 49152 KiB of memory .*; \d+ KiB are free/,
    );
    assert.match(
      large.text,
      /BOOT.TAR needs 122880 KiB of memory, this machine has \d+ KiB free\n/,
    );
    for (const { status } of [missing, small, large]) assert.equal(status, 255);
  });
});

/** 'T', 15 bytes of nothing, then the programs, each behind its size and padded to 4 bytes. */
function taskArchive(): Uint8Array {
  const parts = taskPrograms.map((program) => {
    const code = assemble(program);
    const part = Buffer.alloc(4 + Math.ceil(code.length / 4) * 4);
    part.writeUInt32LE(code.length);
    part.set(code, 4);
    return part;
  });
  return Buffer.concat([Buffer.from('T'.padEnd(16)), ...parts]);
}

describe('native tasks', { concurrency: 2 }, () => {
  for (const cpu of ['qemu64', 'max']) {
    test(`run in ring 3 of a ${cpu} processor, and what they do wrong ends them alone`, async () => {
      const timeoutMs = 120_000;
      const result = await bootInQemu({ efi: kernel.efi, archive: taskArchive(), cpu, timeoutMs });
      const ends = result.lines.filter((line) => line.startsWith('program '));
      assert.deepEqual(
        ends.map((line, index) => `${taskPrograms[index]?.name}: ${line.slice(8)}`),
        taskPrograms.map(({ name, ends: usual, orEnds }, index) => {
          return `${name}: ${ends[index] === `program ${orEnds}` ? orEnds : usual}`;
        }),
        result.text,
      );
      assert.deepEqual(values(result), {
        initialised: 42,
        // The top-level table, three below it, and five pages.
        frames_of_one: 10,
        map_twice: posixErrors.eexist,
        map_partly: 1,
        map_page_0: posixErrors.efault,
        map_last_page: posixErrors.efault,
        map_over_the_end: posixErrors.efault,
        map_kernel: posixErrors.efault,
        map_unaligned: posixErrors.einval,
        map_many: posixErrors.einval,
        map_wrapping: posixErrors.efault,
        no_task: posixErrors.esrch,
        task_number: posixErrors.esrch,
        no_operation: posixErrors.enosys,
        outside_linear: posixErrors.einval,
        copy_outside: posixErrors.efault,
        written: 9000,
        read: 9000,
        wrong_bytes: 0,
        read_up_to_hole: 10,
        own_read: 8,
        own_write_denied: 0,
        text: 4999,
        text_copied: 1,
        text_too_long: posixErrors.enametoolong,
        text_just_fits: 4999,
        text_to_hole: posixErrors.efault,
        text_to_end: posixErrors.efault,
        text_at_end: 0,
        unmapped: 5,
        // Three tables and a page more, at the end of the address space.
        frames_after: 10,
        rip_outside: posixErrors.einval,
        base_outside: posixErrors.einval,
        flags: rflags.user | rflags.fixed | rflags.interrupt,
        gone: posixErrors.esrch,
        frames_of_all: 0,
        cycles_wrong: 0,
        cycles_frames: 0,
        tasks_some: 1,
        out_of_memory: posixErrors.enomem,
        pages_some: 1,
        still_runs: 1,
        memory_frames: 0,
      });
      assert.match(result.text, /\nall done\n/);
      assert.equal(result.status, 0);
    });
  }
});

test('address spaces that share frames do what a model says', async () => {
  const result = await bootInQemu({ efi: kernel.efi, archive: archiveOf('A'), timeoutMs: 120_000 });
  const expected = { initialised: 42, spaces_operations: 30_000, spaces_frames: 0 };
  assert.deepEqual(values(result), expected, result.text);
});

/** The image with a signature of the test key, by sbsign, which sbverify finds right. */
function sign(efi: Uint8Array): Uint8Array {
  const [unsigned, signed, key] = ['unsigned.efi', 'signed.efi', 'test.key'].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  writeFileSync(unsigned, efi);
  const { certificate } = testKey;
  const options = { encoding: 'utf8', stdio: 'pipe' } as const;
  const encrypted = { key: readFileSync(testKey.key), passphrase: testKey.password };
  writeFileSync(key, createPrivateKey(encrypted).export({ type: 'pkcs8', format: 'pem' }));
  const args = ['--key', key, '--cert', certificate, '--output', signed, unsigned];
  const run = spawnSync('sbsign', args, options);
  assert.equal(run.status, 0, run.stderr);
  // Among its warnings would be: gaps between sections, data behind the last one, a bad checksum.
  assert.doesNotMatch(run.stderr, /warning/i);
  const verified = execFileSync('sbverify', ['--cert', certificate, signed], options);
  assert.match(verified, /Signature verification OK/);
  return readFileSync(signed);
}

describe('Secure Boot', { concurrency: 2 }, () => {
  const archive = archiveOf('p');
  test('the signed kernel boots', async () => {
    const signed = sign(kernel.efi);
    assert.ok(readPe(signed).certificateBytes > 0);
    assert.deepEqual(readPe(signed).sections, readPe(kernel.efi).sections);
    const result = await bootInQemu({ efi: signed, archive, secureBoot: true, memoryMib: 256 });
    assertPhases(result);
    assert.equal(result.status, (42 << 1) | 1);
  });

  test('the unsigned kernel does not', async () => {
    const until = /Access Denied|BEAM Kernel/;
    const options = { secureBoot: true, memoryMib: 256, timeoutMs: 300_000, until };
    const result = await bootInQemu({ efi: kernel.efi, archive, ...options });
    assert.match(result.text, /Access Denied/);
    assert.doesNotMatch(result.text, /BEAM Kernel/);
  });
});

/**
 * Follows pointers that are only right when the firmware has applied the relocations, and exits
 * with their sum.
 */
const relocatableSource = `
static int values[3] = {1, 2, 18};
static int *pointers[3] = {&values[0], &values[1], &values[2]};
static int next(int index) { return *pointers[index]; }
static int (*volatile functions[2])(int) = {next, next};
void entry(void) {
  int sum = functions[0](0) + functions[1](1) + functions[0](2);
  __asm__ volatile("outb %b0, %w1" : : "a"(sum), "Nd"(0x501));
  for (;;) ;
}`;

test('OVMF relocates a relocatable image', async () => {
  writeFileSync(join(directory, 'moved.c'), relocatableSource);
  const object = join(directory, 'moved.o');
  const large = ['-O1', '-ffreestanding', '-fno-pic', '-mcmodel=large', '-mno-red-zone'];
  execFileSync('clang', [...large, '-c', join(directory, 'moved.c'), '-o', object]);
  const objects = [readElfObject('moved.o', readFileSync(object))];
  const image = link({ objects, base: 0x7_0000_0000n, entry: 'entry' });
  const efi = writePe(image, { relocatable: true });
  assert.ok(readPe(efi).relocations.length >= 5);
  const result = await bootInQemu({ efi, archive: null });
  assert.equal(result.status, (21 << 1) | 1, result.text);
});

test('the kernel is below 64 KiB without a VM, and nothing is writable and executable', () => {
  const path = join(directory, 'kernel.elf');
  const empty = buildEmptyKernel();
  writeFileSync(path, empty.elf);
  const headers = execFileSync('readelf', ['-lW', path], { encoding: 'utf8' });
  assert.doesNotMatch(headers, /RWE/);
  assert.match(headers, /LOAD +0x\w+ 0xffffffff80001000 .* R E/);
  assert.ok(empty.efi.length < 65536, `${empty.efi.length} bytes`);
});
