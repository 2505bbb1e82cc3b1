/**
 * The loader of ELF files on erl, beside the linker of the machine: each section with its
 * relocations applied equals what `ld` makes of it, and files that lie are refused with one
 * sentence. tests/linux/elf_cases.erl has the cases.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const here = import.meta.dirname;
const sources = join(here, '..', '..', 'os', 'linux', 'src');
const work = mkdtempSync(join(tmpdir(), 'vbeam-elf-'));
after(() => rmSync(work, { recursive: true, force: true }));

const expected = `.text [read,execute] true
.text.later [read,execute] true
.rodata [read] true
.data [read,write] true
.bss [read,write] true
undefined: [<<"outside">>,<<"small">>]
no such symbol: outside, small
section .text, offset 0x1, symbol outside: out of range (1099511562235, 0xfffffefffb)
section .text, offset 0x1, symbol outside: out of range (-4275874469)
header: not relocatable (executable)
header: no elf file
header: not 64 bit (1, 0x1)
header: not little endian (2, 0x2)
header: unsupported type (4, 0x4)
header: unsupported machine (3, 0x3)
header: sections outside file
header: section bytes (63, 0x3f)
header: sections outside file
header: no section of names (65278, 0xfefe)
header: no elf file
header: truncated
header: truncated
header: sections outside file
header: sections outside file
section 1: name outside names (16777215, 0xffffff)
section .text: outside file
section .text: outside file
section .data: align (3, 0x3)
section .rela.text: no section (999, 0x3e7)
section .rela.text: entry bytes (8, 0x8)
section .rela.text: no table of symbols (1, 0x1)
section .symtab: no section (77, 0x4d)
section .symtab: entry bytes (0, 0x0)
section .rela.data: size (25, 0x19)
header: no program
mutated: {true,true,2000}
`;

test('relocated sections equal those of the linker; files that lie are refused', () => {
  const object = join(work, 'relocations.o');
  const linked = join(work, 'relocations');
  execFileSync('as', ['-o', object, join(here, 'relocations.s')]);
  const symbols = ['--defsym', 'outside=0x1234560', '--defsym', 'small=0x800', '-e', 'begin'];
  execFileSync('ld', ['-o', linked, ...symbols, '--unique=.text.later', object]);
  execFileSync('erlc', [
    '-o',
    work,
    ...['vbeam_elf_file.erl', 'vbeam_elf_loader.erl'].map((name) => join(sources, name)),
    join(here, 'elf_cases.erl'),
  ]);
  const call = `elf_cases:main(["${object}", "${linked}"]), halt().`;
  const options = { encoding: 'utf8', timeout: 300_000 } as const;
  assert.equal(execFileSync('erl', ['-noshell', '-pa', work, '-eval', call], options), expected);
});
