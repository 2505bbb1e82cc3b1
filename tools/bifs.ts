/**
 * `make bifs`: which built-in functions of OTP and which instructions the VM has, by module, the
 * missing ones in the order of how much they are wanted, and the figures.
 *
 *   node --import tsx tools/bifs.ts [--write]      --write: docs/coverage.md, too
 *
 * Sources: tables/otp_bifs.tsv, the declarations in vm/bif/, tables/opcodes.ts. tests/bifs.test.ts
 * calls every function that counts as done.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bifsLeftOut } from '../tables/bifs_left_out.ts';
import { opcodes } from '../tables/opcodes.ts';
import { opcodesLeftOut } from '../tables/opcodes_left_out.ts';
import { implementedInstructions, readBifs } from './gen.ts';

const root = join(import.meta.dirname, '..');
export const coveragePath = join(root, 'docs', 'coverage.md');

export type BifState = 'done' | 'missing' | 'left out';

export interface OtpBif {
  readonly module: string;
  readonly name: string;
  readonly arity: number;
  /** Place in the order of how much it is wanted, from 1. */
  readonly rank: number;
  readonly importers: number;
  readonly state: BifState;
}

/** erlang:apply/2,3 are instructions, reached through the Erlang bodies in OTP's module erlang. */
const madeOfInstructions = new Set(['erlang:apply/2', 'erlang:apply/3']);

function stateOf(module: string, text: string, declared: ReadonlySet<string>): BifState {
  if (declared.has(text) || madeOfInstructions.has(text)) return 'done';
  const isLeftOut = bifsLeftOut.some(({ functions }) => functions === module || functions === text);
  return isLeftOut ? 'left out' : 'missing';
}

/** Every row of tables/otp_bifs.tsv with what the VM has of it. */
export function otpBifs(): OtpBif[] {
  const declared = new Set(readBifs().map((bif) => `${bif.module}:${bif.name}/${bif.arity}`));
  const text = readFileSync(join(root, 'tables', 'otp_bifs.tsv'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line, index) => {
      const [written, , importers] = line.split('\t') as [string, string, string];
      const [, module, name, arity] = /^(\w+):(.+)\/(\d+)$/.exec(written)!;
      return {
        module: module!,
        name: name!,
        arity: Number(arity),
        rank: index + 1,
        importers: Number(importers),
        state: stateOf(module!, written, declared),
      };
    });
}

export const bifText = ({ module, name, arity }: OtpBif): string => `${module}:${name}/${arity}`;

const count = (bifs: readonly OtpBif[], state: BifState): number =>
  bifs.filter((bif) => bif.state === state).length;

function moduleRows(bifs: readonly OtpBif[]): string[] {
  const modules = [...new Set(bifs.map(({ module }) => module))].sort();
  return modules.map((module) => {
    const own = bifs.filter((bif) => bif.module === module);
    const numbers = (['done', 'missing', 'left out'] as const).map((state) => count(own, state));
    return `| \`${module}\` | ${own.length} | ${numbers.join(' | ')} |`;
  });
}

function missingRows(bifs: readonly OtpBif[]): string[] {
  const missing = bifs.filter(({ state }) => state === 'missing');
  if (!missing.length) return ['None.'];
  return [
    '| rank | function | importing modules |',
    '| ---: | --- | ---: |',
    ...missing.map((bif) => `| ${bif.rank} | \`${bifText(bif)}\` | ${bif.importers} |`),
  ];
}

type InstructionState = 'implemented' | 'needs nothing at run time' | 'left out' | 'missing';

/** Instructions that leave no internal code behind, or become another one when they are loaded. */
const goneAfterLoading = new Set([
  'label',
  'int_code_end',
  'line',
  'on_load',
  'nif_start',
  'executable_line',
  'debug_line',
  'put',
  'put_tuple',
  'make_fun2',
]);

/** What the VM does with each instruction, by number. */
export function instructionStates(): { number: number; name: string; state: InstructionState }[] {
  const implemented = implementedInstructions();
  return opcodes.map(({ number, name, operands }) => {
    let state: InstructionState = 'missing';
    if (operands === null) state = 'left out';
    else if (implemented.has(name)) state = 'implemented';
    else if (goneAfterLoading.has(name)) state = 'needs nothing at run time';
    return { number, name, state };
  });
}

function whyLeftOut(number: number): string {
  return opcodesLeftOut.find(({ numbers }) => numbers.includes(number))?.why ?? '';
}

function instructionRows(): string[] {
  const since = new Map(opcodes.map((row) => [row.number, row]));
  return instructionStates().map(({ number, name, state }) => {
    const { arity, since: release } = since.get(number)!;
    return `| ${number} | \`${name}/${arity}\` | ${release} | ${state} | ${whyLeftOut(number)} |`;
  });
}

/** The text of docs/coverage.md. */
export function coverageText(): string {
  const bifs = otpBifs();
  const instructions = instructionStates();
  const have = instructions.filter(
    ({ state }) => state === 'implemented' || state === 'needs nothing at run time',
  );
  return `${[
    '# What of the BEAM there is',
    '',
    'Written by `make bifs`; `tests/bifs.test.ts` compares it with the sources, and calls every function',
    'that counts as done.',
    '',
    '## Built-in functions by module',
    '',
    'All built-in functions and NIFs of OTP 25.2.3.',
    '',
    '| module | functions | done | missing | left out |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...moduleRows(bifs),
    `| all | ${bifs.length} | ${count(bifs, 'done')} | ${count(bifs, 'missing')} | ${count(bifs, 'left out')} |`,
    '',
    '## Missing functions',
    '',
    'In the order of how many modules of OTP and Elixir import them. A call raises `undef`, and the',
    'stack trace names the function.',
    '',
    ...missingRows(bifs),
    '',
    '## Functions left out',
    '',
    '| functions | why |',
    '| --- | --- |',
    ...bifsLeftOut.map(({ functions, why }) => `| \`${functions}\` | ${why} |`),
    '',
    '## Instructions',
    '',
    `${have.length} of ${instructions.length}. A module with another one is refused when it is loaded, and the report has its`,
    'name and number.',
    '',
    '| number | instruction | since | state | why |',
    '| ---: | --- | --- | --- | --- |',
    ...instructionRows(),
  ].join('\n')}\n`;
}

function figures(): string[] {
  const bifs = otpBifs();
  const instructions = instructionStates();
  const missing = instructions.filter(({ state }) => state === 'missing').length;
  const leftOut = instructions.filter(({ state }) => state === 'left out').length;
  return [
    `figure bifs_done ${count(bifs, 'done')} functions`,
    `figure bifs_missing ${count(bifs, 'missing')} functions`,
    `figure bifs_left_out ${count(bifs, 'left out')} functions`,
    `figure instructions_done ${instructions.length - missing - leftOut} instructions`,
    `figure instructions_missing ${missing} instructions`,
    `figure instructions_left_out ${leftOut} instructions`,
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = coverageText();
  process.stdout.write(`${text}\n${figures().join('\n')}\n`);
  if (process.argv.includes('--write')) writeFileSync(coveragePath, text);
}
