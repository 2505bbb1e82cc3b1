/**
 * Every form of tables/x86_instructions against GNU `as`, byte for byte: seeded operands of every
 * class, one run of `as` for all of them.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Form, forms, type Pattern } from './forms.ts';
import {
  controlRegisters,
  debugRegisters,
  gpr8,
  gpr8High,
  gpr16,
  gpr32,
  gpr64,
  type Memory,
  memory,
  type Operand,
  type Register,
  registers,
  type Scale,
  segmentRegisters,
  xmmRegisters,
} from './operands.ts';
import { print } from './print.ts';
import { OperandError, type Selected, select } from './select.ts';

const seed = 20250101;
const variantsPerForm = 12;
const slotBytes = 16;
const directory = mkdtempSync(join(tmpdir(), 'vbeam-as-'));
after(() => rmSync(directory, { recursive: true }));

/** mulberry32: a small seeded generator. */
function randomSource(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = randomSource(seed);
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

const generalRegisters: Record<number, readonly Register[]> = {
  8: [...Object.values(gpr8), ...Object.values(gpr8High)],
  16: Object.values(gpr16),
  32: Object.values(gpr32),
  64: Object.values(gpr64),
};

const registersOf = (registerClass: string, bits: number): readonly Register[] => {
  const others: Record<string, Record<string, Register>> = {
    xmm: xmmRegisters,
    sreg: segmentRegisters,
    cr: controlRegisters,
    dr: debugRegisters,
  };
  const group = others[registerClass];
  return group ? Object.values(group) : (generalRegisters[bits] ?? []);
};

function randomMemory(bits: number): Memory {
  const base = random() < 0.9 ? pick(Object.values(gpr64)) : null;
  const notRsp = Object.values(gpr64).filter((register) => register.name !== 'rsp');
  const parts = {
    ...(random() < 0.4 ? { index: pick(notRsp), scale: pick<Scale>([1, 2, 4, 8]) } : {}),
    ...(random() < 0.1 ? { segment: pick<'fs' | 'gs'>(['fs', 'gs']) } : {}),
    disp: pick([0, 0, 1, -1, 127, -128, 128, -129, 0x12345678, -0x7fffffff]),
  };
  // `as` turns an index of scale 1 without a base into a base, another encoding of the same
  // address.
  if (!base && parts.scale === 1) return memory(pick(notRsp), { ...parts });
  return { ...memory(base, parts), bits };
}

function randomImmediate(pattern: Pattern & { kind: 'immediate' }): number | bigint {
  const limit = 1n << BigInt(pattern.bits - 1);
  const choices = [0n, 1n, 2n, 5n, -1n, limit - 1n, -limit, limit >> 1n, -(limit >> 1n) - 1n];
  const unsigned = pattern.signed ? [] : [2n * limit - 1n, limit, limit + 1n];
  return pick([...choices, ...unsigned]);
}

function randomOperand(pattern: Pattern): Operand {
  switch (pattern.kind) {
    case 'rm':
      return random() < 0.5
        ? pick(registersOf(pattern.registers, pattern.registerBits))
        : randomMemory(pattern.bits);
    case 'register':
      return pick(registersOf(pattern.class, pattern.bits));
    case 'memory':
      return randomMemory(pattern.bits);
    case 'fixed':
      return registers[pattern.name as keyof typeof registers];
    case 'one':
      return 1;
    case 'immediate':
      return randomImmediate(pattern);
    case 'relative':
      return pattern.bits === 8 ? pick([0, 5, -100, 100]) : pick([1000, -1000, 0x1000000]);
    case 'moffs':
      return memory(null, 0x11_2233_4455);
  }
}

interface Case {
  readonly text: string;
  readonly chosen: Selected;
}

function casesOf(form: Form): Case[] {
  const count = form.operands.length === 0 ? 1 : variantsPerForm;
  const cases: Case[] = [];
  for (let attempt = 0; attempt < 4 * count && cases.length < count; attempt++) {
    const operands = form.operands.map(randomOperand);
    try {
      const chosen = select(form.mnemonic, operands);
      cases.push({ chosen, text: print(chosen.form, operands, chosen.bytes.length) });
    } catch (error) {
      // High-byte registers with REX and mov to cs are combinations that the machine does not have.
      if (!(error instanceof OperandError)) throw error;
    }
  }
  return cases;
}

/** What `as` makes of each line: its bytes, padded to a slot. */
function assembleLines(lines: readonly string[]): Uint8Array {
  const source = join(directory, 'forms.s');
  const padded = lines.map((line) => `${line}\n.balign ${slotBytes}, 0xcc`);
  writeFileSync(source, `.intel_syntax noprefix\n.text\n${padded.join('\n')}\n`);
  const object = join(directory, 'forms.o');
  // --no-warn: an fs or gs prefix on lea has no effect, which `as` likes to say.
  execFileSync('as', ['--64', '--no-warn', '-o', object, source], { timeout: 60_000 });
  const flat = join(directory, 'forms.bin');
  execFileSync('objcopy', ['-O', 'binary', '-j', '.text', object, flat], { timeout: 60_000 });
  return readFileSync(flat);
}

const hex = (bytes: ArrayLike<number>): string =>
  Array.from(bytes, (value) => value.toString(16).padStart(2, '0')).join(' ');

/** Names under which objdump shows an instruction when they are not ours. */
const objdumpNames: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ['movs', 'cmps', 'stos', 'lods', 'scas', 'ins', 'outs'].flatMap((name) =>
      ['b', 'w', 'd', 'q'].map((suffix) => [`${name}${suffix}`, [name, `${name}${suffix}`]]),
    ),
  ),
  movsd: ['movs', 'movsd'],
  cmpsd: ['cmps'],
  mov: ['mov', 'movabs'],
  pushfq: ['pushf'],
  popfq: ['popf'],
  iretd: ['iret'],
  rep: ['repz'],
  repne: ['repnz'],
  xchg: ['xchg', 'nop'],
  jrcxz: ['jrcxz'],
  jmp: ['jmp', 'rex.W', 'rex.WB', 'rex.WX', 'rex.WXB'],
  call: ['call', 'rex.W', 'rex.WB', 'rex.WX', 'rex.WXB'],
  int1: ['int1', 'icebp'],
};

/** objdump's instructions of a flat binary: address and mnemonic. */
function disassemble(bytes: Uint8Array): Map<number, string> {
  const flat = join(directory, 'ours.bin');
  writeFileSync(flat, bytes);
  const format = ['-D', '-b', 'binary', '-m', 'i386:x86-64', '-M', 'intel', '--no-show-raw-insn'];
  const output = execFileSync('objdump', [...format, flat], {
    encoding: 'utf8',
    maxBuffer: 1 << 27,
    timeout: 60_000,
  });
  return new Map(
    [...output.matchAll(/^ *([0-9a-f]+):\t(\S+)/gm)].map(([, address = '', name = '']) => [
      Number.parseInt(address, 16),
      name,
    ]),
  );
}

test('objdump reads every form back as one instruction of the same name and length', () => {
  const cases = [...forms.values()].flat().flatMap(casesOf);
  const bytes = new Uint8Array(cases.length * slotBytes).fill(0xcc);
  for (const [index, { chosen }] of cases.entries()) bytes.set(chosen.bytes, index * slotBytes);
  const found = disassemble(bytes);
  const wrong: string[] = [];
  // A prefix on its own is read together with what follows.
  const prefixes = ['rep', 'repne', 'lock'];
  for (const [index, { text, chosen }] of cases.entries()) {
    const { mnemonic } = chosen.form;
    const start = index * slotBytes;
    const name = found.get(start) ?? 'nothing';
    const names = objdumpNames[mnemonic] ?? [mnemonic];
    const next = found.get(start + chosen.bytes.length);
    const ends = next === 'int3' || prefixes.includes(mnemonic);
    if (!names.includes(name) || !ends) wrong.push(`${text}: ${name}, then ${next}`);
  }
  assert.deepEqual(wrong.slice(0, 40), [], `${wrong.length} of ${cases.length}`);
});

test('every form of the table encodes as GNU as does', () => {
  const all = [...forms.values()].flat();
  const cases = all.flatMap(casesOf);
  const expected = assembleLines(cases.map(({ text }) => text));
  const wrong: string[] = [];
  for (const [index, { text, chosen }] of cases.entries()) {
    const slot = expected.subarray(index * slotBytes, (index + 1) * slotBytes);
    const ours = [...chosen.bytes, ...Array(slotBytes - chosen.bytes.length).fill(0xcc)];
    if (hex(ours) !== hex(slot))
      wrong.push(`${text}\n  ours ${hex(chosen.bytes)}\n  as   ${hex(slot)}`);
  }
  assert.equal(wrong.length, 0, `${wrong.length} differ:\n${wrong.slice(0, 40).join('\n')}`);
  assert.ok(cases.length >= 5000, `only ${cases.length} cases`);
  const reached = new Set(cases.map(({ chosen }) => chosen.form));
  const unreached = all.filter((form) => !reached.has(form));
  assert.deepEqual(
    unreached.map((form) => `${form.mnemonic} ${form.text}`),
    [],
  );
});
