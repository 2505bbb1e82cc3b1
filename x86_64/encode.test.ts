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
import type { Mnemonic } from '../tables/x86_instructions.ts';
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
import { describe, OperandError, type Selected, select } from './select.ts';

const seed = 20250101;
/** Cases for each class of each operand of a form. */
const roundsPerForm = 1;
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

/** A kind of operand that an encoding treats in its own way, and how to draw one. */
interface OperandClass {
  readonly name: string;
  readonly draw: () => Operand;
}

const oneOf = (name: string, items: readonly Operand[]): OperandClass => ({
  name,
  draw: () => pick(items),
});

const numbered = (from: Readonly<Record<string, Register>>, numbers: readonly number[]) =>
  Object.values(from).filter(({ number }) => numbers.includes(number));

/** Registers that stand for themselves, that mean a SIB byte or no base elsewhere, and the rest. */
const wideClasses = (registers: Readonly<Record<string, Register>>): OperandClass[] => [
  oneOf('accumulator', numbered(registers, [0])),
  oneOf('register below 8', numbered(registers, [1, 2, 3, 6, 7])),
  oneOf('rsp', numbered(registers, [4])),
  oneOf('rbp', numbered(registers, [5])),
  oneOf('r12', numbered(registers, [12])),
  oneOf('r13', numbered(registers, [13])),
  oneOf('register from 8 on', numbered(registers, [8, 9, 10, 11, 14, 15])),
];

const byteClasses: readonly OperandClass[] = [
  oneOf('al', [gpr8.al]),
  oneOf('low byte', [gpr8.cl, gpr8.dl, gpr8.bl]),
  oneOf('byte with REX', [gpr8.spl, gpr8.bpl, gpr8.sil, gpr8.dil]),
  oneOf('high byte', Object.values(gpr8High)),
  oneOf('byte from 8 on', numbered(gpr8, [8, 9, 10, 11, 12, 13, 14, 15])),
];

const xmmClasses: readonly OperandClass[] = [
  oneOf('xmm below 8', numbered(xmmRegisters, [0, 1, 2, 3, 4, 5, 6, 7])),
  oneOf('xmm from 8 on', numbered(xmmRegisters, [8, 9, 10, 11, 12, 13, 14, 15])),
];

function registerClasses(registerClass: string, bits: number): readonly OperandClass[] {
  if (registerClass === 'xmm') return xmmClasses;
  if (registerClass === 'sreg')
    return Object.values(segmentRegisters).map((r) => oneOf(r.name, [r]));
  if (registerClass === 'cr') return Object.values(controlRegisters).map((r) => oneOf(r.name, [r]));
  if (registerClass === 'dr') return Object.values(debugRegisters).map((r) => oneOf(r.name, [r]));
  if (bits === 8) return byteClasses;
  return wideClasses(bits === 16 ? gpr16 : bits === 32 ? gpr32 : gpr64);
}

const displacements = {
  none: [0],
  short: [1, -1, 127, -128],
  long: [128, -129, 0x1234_5678, -0x7fff_ffff],
} as const;

const bases: readonly (readonly [string, readonly Register[]])[] = [
  ['base', numbered(gpr64, [0, 1, 2, 3, 6, 7])],
  ['rsp', [gpr64.rsp]],
  ['rbp', [gpr64.rbp]],
  ['r12', [gpr64.r12]],
  ['r13', [gpr64.r13]],
  ['base from 8 on', numbered(gpr64, [8, 9, 10, 11, 14, 15])],
];
const indices = Object.values(gpr64).filter(({ name }) => name !== 'rsp');
const scales: readonly Scale[] = [1, 2, 4, 8];

function memoryClasses(bits: number): OperandClass[] {
  const classes: OperandClass[] = [];
  const add = (name: string, draw: () => Memory) =>
    classes.push({ name, draw: () => ({ ...draw(), bits }) });
  for (const [length, values] of Object.entries(displacements)) {
    for (const [base, registers] of bases) {
      add(`${base}, ${length} displacement`, () =>
        memory(pick(registers), { disp: pick<number>(values) }),
      );
    }
    add(`base and index, ${length} displacement`, () => {
      const index = { index: pick(indices), scale: pick(scales) };
      return memory(pick(Object.values(gpr64)), { ...index, disp: pick<number>(values) });
    });
  }
  // `as` makes an index of scale 1 without a base a base, another encoding of the same address.
  add('index alone', () =>
    memory(null, { index: pick(indices), scale: pick<Scale>([2, 4, 8]), disp: 64 }),
  );
  add('absolute', () => memory(null, { disp: pick([0, 64, 0x1234_5678]) }));
  add('symbol', () => memory('symbol', pick([0, 8, -8])));
  for (const segment of ['fs', 'gs'] as const) {
    add(segment, () => memory(pick(Object.values(gpr64)), { segment, disp: pick([0, 5, 500]) }));
    add(`${segment} absolute`, () => memory(null, { segment, disp: 40 }));
  }
  return classes;
}

function immediateClasses(pattern: Pattern & { kind: 'immediate' }): OperandClass[] {
  const limit = 1n << BigInt(pattern.bits - 1);
  const classes = [
    oneOf('zero', [0n]),
    oneOf('small', [1n, 2n, 5n]),
    oneOf('minus one', [-1n]),
    oneOf('largest', [limit - 1n]),
    oneOf('smallest', [-limit]),
    oneOf('between', [limit >> 1n, -(limit >> 1n) - 1n]),
  ];
  if (!pattern.signed) classes.push(oneOf('unsigned', [2n * limit - 1n, limit, limit + 1n]));
  return classes;
}

function classesOf(pattern: Pattern): readonly OperandClass[] {
  switch (pattern.kind) {
    case 'rm':
      return [
        ...registerClasses(pattern.registers, pattern.registerBits),
        ...memoryClasses(pattern.bits),
      ];
    case 'register':
      return registerClasses(pattern.class, pattern.bits);
    case 'memory':
      return memoryClasses(pattern.bits);
    case 'fixed':
      return [oneOf('itself', [registers[pattern.name as keyof typeof registers]])];
    case 'one':
      return [oneOf('one', [1])];
    case 'immediate':
      return immediateClasses(pattern);
    case 'relative': {
      const far = pattern.bits === 8 ? [] : [oneOf('far', [1000, -1000, 0x100_0000])];
      return [oneOf('near', [0, 5, -100, 100]), ...far];
    }
    case 'moffs':
      return [oneOf('address', [memory(null, 0x11_2233_4455)])];
  }
}

interface Case {
  readonly text: string;
  readonly chosen: Selected;
}

interface CasesOfForm {
  readonly cases: readonly Case[];
  /** Classes that no other operand of the form goes with. */
  readonly refused: readonly string[];
}

/** Each class of each operand, the other operands drawn from classes of theirs. */
function casesOf(form: Form): CasesOfForm {
  const classes = form.operands.map(classesOf);
  const cases: Case[] = [];
  const refused: string[] = [];
  const attempt = (operands: readonly Operand[]): boolean => {
    try {
      const chosen = select(form.mnemonic, operands);
      cases.push({ chosen, text: print(chosen.form, operands, chosen.bytes.length) });
      return true;
    } catch (error) {
      if (!(error instanceof OperandError)) throw error;
      return false;
    }
  };
  if (classes.length === 0) attempt([]);
  for (const [at, own] of classes.entries()) {
    for (const each of own) {
      let reached = 0;
      for (let i = 0; i < 16 && reached < roundsPerForm; i++) {
        const operands = classes.map((all, index) => (index === at ? each : pick(all)).draw());
        if (attempt(operands)) reached++;
      }
      if (reached === 0)
        refused.push(`${form.mnemonic} ${form.text}, operand ${at + 1}: ${each.name}`);
    }
  }
  return { cases, refused };
}

const allForms = [...forms.values()].flat();
const drawn = allForms.map(casesOf);
const allCases = drawn.flatMap(({ cases }) => cases);

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
  ...Object.fromEntries(
    ['ps', 'pd', 'ss', 'sd'].map((suffix) => [
      `cmp${suffix}`,
      ['', 'eq', 'lt', 'le', 'unord', 'neq', 'nlt', 'nle', 'ord'].map(
        (predicate) => `cmp${predicate}${suffix}`,
      ),
    ]),
  ),
  xlatb: ['xlat'],
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

test('objdump reads every case back as one instruction of the same name and length', () => {
  const bytes = new Uint8Array(allCases.length * slotBytes).fill(0xcc);
  for (const [index, { chosen }] of allCases.entries()) bytes.set(chosen.bytes, index * slotBytes);
  const found = disassemble(bytes);
  const wrong: string[] = [];
  // A prefix on its own is read together with what follows.
  const prefixes = ['rep', 'repne', 'lock'];
  for (const [index, { text, chosen }] of allCases.entries()) {
    const { mnemonic } = chosen.form;
    const start = index * slotBytes;
    const name = found.get(start) ?? 'nothing';
    const names = [
      ...(objdumpNames[mnemonic] ?? [mnemonic]),
      ...(mnemonic === 'cmpsd' ? ['cmps'] : []),
    ];
    const next = found.get(start + chosen.bytes.length);
    const ends = next === 'int3' || prefixes.includes(mnemonic);
    if (!names.includes(name) || !ends) wrong.push(`${text}: ${name}, then ${next}`);
  }
  assert.deepEqual(wrong.slice(0, 40), [], `${wrong.length} of ${allCases.length}`);
});

test('every form encodes as GNU as does, in every class of every operand', () => {
  const expected = assembleLines(allCases.map(({ text }) => text));
  const wrong: string[] = [];
  for (const [index, { text, chosen }] of allCases.entries()) {
    const slot = expected.subarray(index * slotBytes, (index + 1) * slotBytes);
    const ours = [...chosen.bytes, ...Array(slotBytes - chosen.bytes.length).fill(0xcc)];
    if (hex(ours) !== hex(slot))
      wrong.push(`${text}\n  ours ${hex(chosen.bytes)}\n  as   ${hex(slot)}`);
  }
  assert.equal(wrong.length, 0, `${wrong.length} differ:\n${wrong.slice(0, 40).join('\n')}`);
  const different = new Set(allCases.map(({ text }) => text)).size;
  assert.ok(different >= 5000, `only ${different} cases`);
  const reached = new Set(allCases.map(({ chosen }) => chosen.form));
  const unreached = allForms.filter((form) => !reached.has(form));
  assert.deepEqual(
    unreached.map((form) => `${form.mnemonic} ${form.text}`),
    [],
  );
  console.log(`figure encoder_mnemonics ${forms.size} instructions`);
  console.log(`figure encoder_forms ${allForms.length} forms`);
  console.log(`figure encoder_cases ${different} cases`);
});

test('only high-byte registers beside REX and a load of cs are refused', () => {
  const refused = drawn.flatMap((form) => form.refused);
  const others = refused.filter((text) => !text.endsWith(': high byte'));
  assert.deepEqual(others, [
    'mov sreg, r16 = 8E /r, operand 1: cs',
    'mov sreg, r32 = 8E /r, operand 1: cs',
    'mov sreg, m16 = 8E /r, operand 1: cs',
    'mov sreg, r64 = 8E /r, operand 1: cs',
  ]);
});

test('string instructions behind rep and repne are those of GNU as', () => {
  const names = ['movs', 'cmps', 'stos', 'lods', 'scas'].flatMap((name) =>
    ['b', 'w', 'd', 'q'].map((width) => `${name}${width}`),
  );
  const ports = ['ins', 'outs'].flatMap((name) =>
    ['b', 'w', 'd'].map((width) => `${name}${width}`),
  );
  const pairs = [...names, ...ports].flatMap((name) =>
    (['rep', 'repne'] as const).map((prefix) => [prefix, name as Mnemonic] as const),
  );
  // GNU as takes repne in front of the two that look at the zero flag only.
  const accepted = pairs.filter(([prefix, name]) => prefix === 'rep' || /^(cmps|scas)/.test(name));
  const expected = assembleLines(accepted.map(([prefix, name]) => `${prefix} ${name}`));
  for (const [index, [prefix, name]] of accepted.entries()) {
    const ours = [...select(prefix, []).bytes, ...select(name, []).bytes];
    const theirs = expected.subarray(index * slotBytes, index * slotBytes + ours.length);
    // The order of prefixes means nothing: `as` has 66 before F3.
    assert.equal(hex(ours.sort()), hex([...theirs].sort()), `${prefix} ${name}`);
    assert.equal(expected[index * slotBytes + ours.length], 0xcc, `${prefix} ${name}`);
  }
});

/** Operands that most places do not take. */
const strangers: readonly Operand[] = [
  gpr8.cl,
  gpr16.bx,
  gpr32.ebx,
  gpr64.rbx,
  xmmRegisters.xmm3,
  segmentRegisters.gs,
  controlRegisters.cr8,
  debugRegisters.dr7,
  1n << 70n,
  -(1n << 40n),
  300,
  1.5,
  { ...memory(gpr64.rax), bits: 8 },
  { ...memory(gpr64.rax), bits: 256 },
  'label',
];

test('an operand that does not fit is an error that names instruction and operand', () => {
  let refused = 0;
  for (const form of allForms) {
    const fitting = form.operands.map((pattern) => pick(classesOf(pattern)).draw());
    for (const [at, stranger] of fitting.flatMap((_, index) =>
      strangers.map((operand) => [index, operand] as const),
    )) {
      const operands = fitting.map((operand, index) => (index === at ? stranger : operand));
      const given = `${form.mnemonic} ${operands.map(describe).join(', ')}: `;
      try {
        select(form.mnemonic, operands);
      } catch (error) {
        assert.ok(error instanceof OperandError, `${given}${error}`);
        assert.ok(error.message.startsWith(given), error.message);
        const named = operands.some((operand) =>
          error.message.includes(describe(operand), given.length),
        );
        assert.ok(named, error.message);
        refused++;
      }
    }
  }
  assert.ok(refused > 10_000, `${refused} refused`);
  console.log(`figure encoder_refused ${refused} cases`);
});
