/** The linker against clang, Linux, objdump and objcopy. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LinkError, link, readElfObject, readPe, writeElf, writePe } from './link.ts';
import { peChecksum } from './pe_write.ts';

const directory = mkdtempSync(join(tmpdir(), 'vbeam-link-'));
after(() => rmSync(directory, { recursive: true }));
const path = (name: string) => join(directory, name);

function compile(name: string, source: string, ...flags: string[]): Uint8Array {
  writeFileSync(path(`${name}.c`), source);
  const fixed = ['-O1', '-ffreestanding', '-fno-pic', '-fno-stack-protector', '-fcommon', '-c'];
  execFileSync('clang', [...fixed, ...flags, '-o', path(`${name}.o`), path(`${name}.c`)]);
  return readFileSync(path(`${name}.o`));
}

const mainSource = `
extern int table[4];
extern int (*operation)(int, int);
int tentative[100];
static long initialised = 39;
__attribute__((weak)) int answer(void) { return 1; }
__attribute__((weak)) extern int nowhere(void);
static const char text[] = "linked\\n";
static long call(long n, long a, long b, long c) {
  long r;
  __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return r;
}
void _start(void) {
  call(1, 1, (long)text, sizeof text - 1);
  tentative[99] = operation(table[3], (int)initialised);
  int ok = tentative[99] == 42 && answer() == 42 && &nowhere == 0 && tentative[0] == 0;
  call(60, ok ? 7 : 1, 0, 0);
  for (;;) ;
}`;
const otherSource = `
int table[4] = {0, 1, 2, 3};
long tentative[60];
static int add(int a, int b) { return a + b; }
int (*operation)(int, int) = add;
int answer(void) { return 42; }
int unused_function(void) { extern int does_not_exist(void); return does_not_exist(); }
`;

function sampleObjects(...flags: string[]) {
  return [
    readElfObject('main.o', compile('main', mainSource, '-ffunction-sections', ...flags)),
    readElfObject('other.o', compile('other', otherSource, '-ffunction-sections', ...flags)),
  ];
}

test('a static executable runs on Linux and readelf finds nothing wrong', () => {
  const image = link({
    objects: sampleObjects('-mcmodel=small'),
    base: 0x40_0000n,
    entry: '_start',
  });
  writeFileSync(path('linked'), writeElf(image), { mode: 0o755 });
  const run = spawnSync(path('linked'), { timeout: 10_000, encoding: 'utf8' });
  assert.equal(run.status, 7);
  assert.equal(run.stdout, 'linked\n');
  const readelf = spawnSync('readelf', ['-W', '-a', path('linked')], { encoding: 'utf8' });
  assert.equal(readelf.stderr, '');
  assert.match(readelf.stdout, /LOAD .* R E 0x1000/);
  assert.match(readelf.stdout, /LOAD .* RW {2}0x1000/);
  assert.doesNotMatch(readelf.stdout, /RWE/);
  assert.match(readelf.stdout, /FUNC +GLOBAL DEFAULT +1 _start/);
});

test('a large PE image with relocations reads back with objdump and our reader', () => {
  const base = 0x1_4000_0000n;
  const objects = sampleObjects('-mcmodel=large');
  const image = link({ objects, base, entry: '_start' });
  const pe = writePe(image, { relocatable: true });
  writeFileSync(path('linked.efi'), pe);
  const dump = execFileSync('objdump', ['-p', '-h', path('linked.efi')], { encoding: 'utf8' });
  assert.match(dump, /EFI application/);
  assert.match(dump, /reloc {3,}0 offset .* DIR64/);
  const ours = readPe(pe);
  assert.ok(ours.relocations.length >= 5);
  for (const { name, characteristics } of ours.sections) {
    const writable = characteristics >>> 31 === 1;
    const executable = (characteristics & 0x2000_0000) !== 0;
    assert.ok(!(writable && executable), `${name} is writable and executable`);
  }
  // Loaded at the address it was linked for, the relocated image holds exactly what the linker
  // computed.
  const memory = ours.load(base);
  for (const segment of image.segments) {
    const rva = Number(segment.address - base);
    const loaded = memory.subarray(rva, rva + segment.bytes.length);
    assert.deepEqual(Buffer.from(loaded), Buffer.from(segment.bytes), segment.name);
  }
});

test('the checksum is the one that objcopy computes', () => {
  const image = link({
    objects: sampleObjects('-mcmodel=kernel'),
    base: 0xffff_ffff_8000_0000n,
    entry: '_start',
  });
  const pe = writePe(image, { relocatable: false });
  const own = readPe(pe);
  assert.equal(own.checksum, peChecksum(pe, own.checksumOffset));
  writeFileSync(path('ours.efi'), pe);
  execFileSync('objcopy', [
    '-I',
    'pei-x86-64',
    '-O',
    'pei-x86-64',
    path('ours.efi'),
    path('theirs.efi'),
  ]);
  const theirs = new Uint8Array(readFileSync(path('theirs.efi')));
  const header = readPe(theirs);
  assert.notEqual(header.checksum, 0);
  assert.equal(peChecksum(theirs, header.checksumOffset), header.checksum);
});

test('the debug directory names the build and its symbols, and objdump reads it', () => {
  const build = (flag: string) => {
    const image = link({ objects: sampleObjects('-mcmodel=large', flag), base, entry: '_start' });
    return writePe(image, { relocatable: true, symbolFile: 'kernel.elf' });
  };
  const base = 0x1_4000_0000n;
  const pe = build('-DX');
  const debug = readPe(pe).debug;
  assert.equal(debug?.symbolFile, 'kernel.elf');
  assert.deepEqual(build('-DX'), pe, 'the same sources make the same image');
  assert.notEqual(readPe(build('-O0')).debug?.guid, debug?.guid);
  writeFileSync(path('debug.efi'), pe);
  const dump = execFileSync('objdump', ['-p', path('debug.efi')], { encoding: 'utf8' });
  assert.match(dump, /There is a debug directory in \.buildid/);
  const guid = /RSDS signature (\w+) age 1/.exec(dump)?.[1];
  assert.equal(guid, debug?.guid);
});

test('an image at -2 GiB keeps its addresses and gets a symbol table', () => {
  const base = 0xffff_ffff_8000_0000n;
  const user = compile(
    'user',
    'extern const unsigned char names[]; int entry(void) { return names[0]; }',
    '-mcmodel=kernel',
  );
  const objects = [readElfObject('user.o', user), ...sampleObjects('-mcmodel=kernel')];
  const image = link({ objects, base, entry: 'entry', keep: ['_start'], symbolTable: 'names' });
  const symbol = image.symbols.find(({ name }) => name === 'names');
  const rodata = image.segments.find(({ name }) => name === '.rodata');
  assert.ok(symbol && rodata);
  const start = Number(symbol.address - BigInt.asUintN(64, rodata.address));
  const view = new DataView(rodata.bytes.buffer, rodata.bytes.byteOffset + start);
  const count = view.getUint32(0, true);
  const text = Buffer.from(rodata.bytes.subarray(start));
  const found = new Map(
    Array.from({ length: count }, (_, index) => {
      const nameAt = view.getUint32(8 + 8 * index, true);
      const name = text.toString('latin1', nameAt, text.indexOf(0, nameAt));
      return [name, base + BigInt(view.getUint32(4 + 8 * index, true))] as const;
    }),
  );
  for (const name of ['entry', '_start', 'answer', 'add']) {
    assert.equal(found.get(name), image.symbols.find((one) => one.name === name)?.address, name);
  }
  assert.equal(found.has('unused_function'), false, 'unreachable functions are left out');
});

test('undefined and duplicate symbols are one error that lists all', () => {
  const one = compile(
    'one',
    'int twice(void) { return 1; } int gone(void); int also_gone(void); int entry(void) { return twice() + gone() + also_gone(); }',
  );
  const two = compile('two', 'int twice(void) { return 2; }');
  const objects = [readElfObject('one.o', one), readElfObject('two.o', two)];
  const message = failure(() => link({ objects, base: 0x40_0000n, entry: 'entry' }));
  assert.match(message, /duplicate symbol twice: defined in one.o and in two.o/);
  assert.match(message, /undefined symbol gone: needed by one.o/);
  assert.match(message, /undefined symbol also_gone: needed by one.o/);
  assert.match(
    failure(() => link({ objects: [], base: 0n, entry: 'entry' })),
    /undefined symbol entry/,
  );
});

function failure(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof LinkError, `${error}`);
    return error.message;
  }
  return assert.fail('no error');
}

test('a relocation that does not fit names place, type and symbol', () => {
  const source = 'extern int far_away; long entry(void) { return (long)&far_away; }';
  const objects = [readElfObject('near.o', compile('near', source, '-mcmodel=small'))];
  const far = readElfObject('far.o', compile('far', 'int far_away = 1;', '-mcmodel=small'));
  const message = failure(() =>
    link({ objects: [...objects, far], base: 0x1_0000_0000_0000n, entry: 'entry' }),
  );
  assert.match(
    message,
    /near\.o: \.text.* \(far_away\): R_X86_64_32S? at 0x[0-9a-f]+: 0x[0-9a-f]+ does not fit/,
  );
});

test('every prefix of an object is refused with a LinkError', () => {
  const whole = compile('whole', mainSource);
  assert.ok(readElfObject('whole.o', whole).sections.length > 0);
  for (let length = 0; length < whole.length; length++) {
    assert.throws(
      () => readElfObject('cut.o', whole.subarray(0, length)),
      LinkError,
      `${length} bytes`,
    );
  }
});

test('a thousand mutated objects link or are refused, and nothing else', () => {
  const whole = compile(
    'mutated',
    mainSource +
      otherSource
        .replace(/tentative\[60\];/, 'more[60];')
        .replace('int answer(void) { return 42; }', ''),
    '-ffunction-sections',
  );
  let state = 12345;
  const random = (limit: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  let refused = 0;
  for (let round = 0; round < 1000; round++) {
    const bytes = Uint8Array.from(whole);
    for (let change = 0; change <= random(4); change++) bytes[random(bytes.length)] = random(256);
    try {
      const objects = [readElfObject(`mutation ${round}`, bytes)];
      writeElf(link({ objects, base: 0x40_0000n, entry: '_start' }));
    } catch (error) {
      assert.ok(error instanceof LinkError, `mutation ${round}: ${(error as Error).stack}`);
      refused++;
    }
  }
  assert.ok(refused > 50 && refused < 1000, `${refused} refused`);
});
