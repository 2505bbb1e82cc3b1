/** What can be said about the nucleus's machine code without running it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { link, writeElf } from '../link/link.ts';
import { hostFunctions } from '../tables/host.ts';
import { com1, vectors, virtual } from '../tables/memory_map.ts';
import { createAssembler, textFlags } from '../x86_64/assembler.ts';
import { symbolTableName } from './backtrace.ts';
import { kernelEntry, nucleusCode } from './kernel.ts';
import { linuxHostCode } from './linux_host.ts';

const directory = mkdtempSync(join(tmpdir(), 'vbeam-code-'));
after(() => rmSync(directory, { recursive: true }));
const path = (name: string) => join(directory, name);
const options = { linearBytesMin: 1 << 20 };

for (const [name, make] of [
  ['nucleus', () => nucleusCode(options)],
  ['Linux host layer', linuxHostCode],
] as const) {
  test(`GNU as makes the same bytes of the ${name}'s listing`, () => {
    const nucleus = make();
    const text = nucleus.finish().sections.find((section) => section.name === '.text');
    const listing = `.intel_syntax noprefix\n.text\n${nucleus.code.listing('.text')}`;
    writeFileSync(path('a.s'), listing);
    execFileSync('as', ['-o', 'a.o', 'a.s'], { cwd: directory });
    execFileSync('objcopy', ['-O', 'binary', '-j', '.text', 'a.o', 'a.bin'], { cwd: directory });
    const theirs = readFileSync(path('a.bin'));
    const ours = Buffer.from(text?.bytes ?? []);
    const differs = theirs.findIndex((byte, index) => byte !== ours[index]);
    assert.equal(differs, -1, `first difference at ${differs} of ${ours.length}`);
    assert.equal(theirs.length, ours.length);
  });

  test(`the ${name} defines every host function`, () => {
    const { symbols } = make().finish();
    const defined = new Set(
      symbols.filter(({ section }) => section !== 'undefined').map((one) => one.name),
    );
    const missing = hostFunctions.filter((one) => !defined.has(`host_${one.name}`));
    assert.deepEqual(missing, []);
  });
}

/** A VM that does nothing, so that the nucleus can be linked on its own. */
function emptyVm() {
  const code = createAssembler('empty VM');
  code.section('.text', textFlags);
  for (const name of ['vm_main', 'vm_init_memory']) {
    code.function(name);
    code.ret();
  }
  return code.finish();
}

interface Instruction {
  readonly address: number;
  readonly text: string;
}

/** The nucleus's instructions as objdump sees them. Addresses are cut to 32 bits. */
function disassemble(): { instructions: Instruction[]; symbols: Map<string, number> } {
  const image = link({
    objects: [nucleusCode(options).finish(), emptyVm()],
    base: virtual.kernelImage,
    entry: kernelEntry,
    symbolTable: symbolTableName,
  });
  writeFileSync(path('nucleus.elf'), writeElf(image));
  const args = ['-d', '--no-show-raw-insn', '-M', 'intel', path('nucleus.elf')];
  const output = execFileSync('objdump', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  const instructions = [...output.matchAll(/^ffffffff([0-9a-f]{8}):\t(.*)$/gm)].map(
    ([, address = '', text = '']) => ({ address: Number.parseInt(address, 16), text }),
  );
  const symbols = new Map(
    image.symbols.map((symbol) => [symbol.name, Number(symbol.address & 0xffff_ffffn)]),
  );
  return { instructions, symbols };
}

/**
 * The longest path from an address to `iretq`, `ret` or the address `end`, in instructions. A loop
 * is an error.
 */
function longestPath(instructions: readonly Instruction[], start: number, end: number): number {
  const indexOf = new Map(instructions.map(({ address }, index) => [address, index]));
  const known = new Map<number, number>();
  const visit = (index: number, above: ReadonlySet<number>): number => {
    assert.ok(!above.has(index), `a loop at ${instructions[index]?.address.toString(16)}`);
    const done = known.get(index);
    if (done !== undefined) return done;
    if (instructions[index]?.address === end) return 0;
    const text = instructions[index]?.text ?? assert.fail('ran off the code');
    const [mnemonic = ''] = text.split(/\s+/);
    assert.notEqual(mnemonic, 'call', 'a stub calls nothing');
    const path = new Set([...above, index]);
    const successors: number[] = [];
    const target = /^j\w+\s+ffffffff([0-9a-f]{8})/.exec(text)?.[1];
    if (target) successors.push(indexOf.get(Number.parseInt(target, 16)) ?? assert.fail(text));
    if (!['jmp', 'iretq', 'ret'].includes(mnemonic)) successors.push(index + 1);
    const longest = 1 + Math.max(0, ...successors.map((next) => visit(next, path)));
    known.set(index, longest);
    return longest;
  };
  return visit(indexOf.get(start) ?? assert.fail('no such address'), new Set());
}

test('interrupt stubs have no loop, no call, and at most 40 instructions on every path', () => {
  const { instructions, symbols } = disassemble();
  const interrupted = symbols.get('task_interrupted') ?? assert.fail('no such symbol');
  const lengths = [vectors.lapicTimer, vectors.vectorOfGsi0 + com1.gsi, vectors.lapicSpurious].map(
    (vector) => longestPath(instructions, symbols.get(`vector_${vector}`) ?? -1, interrupted),
  );
  console.log(`figure isr_instructions_max ${Math.max(...lengths)} instructions`);
  assert.ok(Math.max(...lengths) <= 40, `${lengths}`);
  // One that meets a native task goes back to who runs the task instead.
  const back = longestPath(instructions, interrupted, -1);
  console.log(`figure task_leave_instructions ${back} instructions`);
  assert.ok(back <= 100, `${back}`);
});
