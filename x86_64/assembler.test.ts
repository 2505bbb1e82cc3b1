/**
 * Labels, sections, relocations and error messages of the assembler; a whole listing against GNU
 * `as`.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { R_X86_64_32S, R_X86_64_64, R_X86_64_PC32, R_X86_64_PLT32 } from '../tables/elf.ts';
import { type Assembler, createAssembler, dataFlags, textFlags } from './assembler.ts';
import { address, dword, memory, qword, registers } from './operands.ts';

const { rax, rbx, rcx, rdi, rsi, rsp, r8, r9b, r12, eax, ah, bl, ax } = registers;

function sample(): Assembler {
  const code = createAssembler('sample');
  code.section('.text', textFlags);
  code.function('sum');
  code.xor(eax, eax);
  code.label('.loop');
  code.add(rax, qword(rdi, { index: rcx, scale: 8, disp: -8 }));
  code.dec(rcx);
  code.jne('.loop');
  code.jmp('.done');
  code.zeros(200);
  code.label('.done');
  code.jmp('.loop');
  code.ret();
  code.function('other');
  code.lea(rsi, memory('message', 2));
  code.call('external');
  code.mov(rax, address('sum'));
  code.movabs(rax, address('sum', 5n));
  code.mov(dword('counter', 4), 7);
  code.mov(rbx, qword(r12, { symbol: 'table' }));
  code.call('sum');
  code.label('.loop');
  code.loop('.loop');
  code.section('.data', dataFlags);
  code.object('message', 8);
  code.ascii('hello');
  code.object('counter', 8);
  code.u64(1, 2n ** 64n - 1n);
  code.pointer('sum', 3n);
  return code;
}

test('relocations are written only for what the section does not know', () => {
  const object = sample().finish();
  const text = object.sections[0];
  const named = text?.relocations.map(({ type, symbol, addend }) => [
    type,
    object.symbols[symbol]?.name,
    addend,
  ]);
  assert.deepEqual(named, [
    [R_X86_64_PC32, 'message', -2n],
    [R_X86_64_PLT32, 'external', -4n],
    [R_X86_64_32S, 'sum', 0n],
    [R_X86_64_64, 'sum', 5n],
    [R_X86_64_PC32, 'counter', -4n],
    [R_X86_64_32S, 'table', 0n],
  ]);
  assert.equal(object.symbols.find(({ name }) => name === 'external')?.section, 'undefined');
  const sum = object.symbols.find(({ name }) => name === 'sum');
  assert.deepEqual([sum?.kind, sum?.value, sum?.binding], ['function', 0n, 'global']);
  assert.ok(object.sections[1]?.relocations.some(({ type }) => type === R_X86_64_64));
});

test('a listing assembled by GNU as gives the same bytes', () => {
  const code = sample();
  const object = code.finish();
  const directory = mkdtempSync(join(tmpdir(), 'vbeam-as-'));
  try {
    const listing = `.intel_syntax noprefix\n.text\n${code.listing('.text')}`;
    writeFileSync(join(directory, 'a.s'), listing);
    execFileSync('as', ['-o', 'a.o', 'a.s'], { cwd: directory });
    execFileSync('objcopy', ['-O', 'binary', '-j', '.text', 'a.o', 'a.bin'], { cwd: directory });
    const bytes = readFileSync(join(directory, 'a.bin'));
    assert.equal(
      bytes.toString('hex'),
      Buffer.from(object.sections[0]?.bytes ?? []).toString('hex'),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

const mistakes: readonly [string, (code: Assembler) => void, RegExp][] = [
  ['a register of another size', (code) => code.mov(rax, bl), /mov rax, bl: operand 2 \(bl\)/],
  ['an immediate out of range', (code) => code.add(eax, 1n << 33n), /operand 2 \(8589934592\)/],
  ['memory without a size', (code) => code.mov(memory(rax), 1), /operand 1 needs a size/],
  ['a high-byte register with REX', (code) => code.mov(ah, r9b), /ah cannot be used with a REX/],
  ['rsp as index', (code) => code.mov(rax, qword(rbx, { index: rsp })), /rsp cannot be an index/],
  ['a 16-bit base', (code) => code.mov(rax, qword(ax)), /ax cannot be a base/],
  ['the wrong number of operands', (code) => code.add(rax), /takes 2 operands, not 1/],
  ['a fraction', (code) => code.add(rax, 1.5), /operand 2 \(1.5\)/],
  ['a displacement out of range', (code) => code.mov(rax, qword(rbx, 2 ** 31)), /does not fit 32/],
  [
    'a label defined twice',
    (code) => [code.label('.a'), code.label('.a')],
    /f\.a is defined twice/,
  ],
  ['a far target for a short branch', tooFar, /far.end is 200 bytes away/],
  ['a missing local label', (code) => [code.jmp('.gone'), code.finish()], /f\.gone is not defined/],
];

function tooFar(code: Assembler): void {
  code.function('far');
  code.jrcxz('.end');
  code.zeros(200);
  code.label('.end');
  code.mov(r8, r8);
  code.finish();
}

for (const [name, act, pattern] of mistakes) {
  test(`${name} is an error that says so`, () => {
    const code = createAssembler('mistake');
    code.section('.text', textFlags);
    code.function('f');
    assert.throws(() => act(code), pattern);
  });
}
