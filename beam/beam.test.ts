/**
 * The reader and the disassembler against OTP's beam_disasm and the terms that erl prints, and on
 * damaged files.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { installedModules, otpRoot } from '../image/otp.ts';
import { BeamError } from './beam_error.ts';
import { disassemble } from './disassemble.ts';
import { readTerm, termText } from './external_term.ts';
import { readModule } from './module.ts';

const files = installedModules(otpRoot());
const named = (name: string): Buffer =>
  readFileSync(files.find((path) => basename(path) === `${name}.beam`)!);

function erl(body: string, ...args: readonly string[]): string {
  const program = `${body.replace(/\s+/g, ' ')}, halt().`;
  return execFileSync('erl', ['-noshell', '-noinput', '-eval', program, '-extra', ...args], {
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 1 << 28,
  });
}

test('functions, entries, labels and instruction counts are those of beam_disasm', () => {
  const chosen = files.filter((path) => /\/(kernel|stdlib|erts)-[\d.]+\//.test(path));
  assert.ok(chosen.length > 100);
  const text = erl(
    `io:setopts([{encoding,utf8}]),
     [begin
        {beam_file,M,E,_,_,Fs} = beam_disasm:file(F),
        io:format("~ts ~w~n", [M, length(E)]),
        [io:format("~ts ~w ~w ~w ~w~n", [N, A, L, length(C), lists:sum([K || {label,K} <- C])])
          || {function,N,A,L,C} <- Fs]
      end || F <- init:get_plain_arguments()]`,
    ...chosen,
  );
  const ours = chosen.flatMap((path) => {
    const module = readModule(readFileSync(path));
    const functions = module.functions.map((each) => {
      const counted = each.instructions.filter((i) => i.opcode.name !== 'int_code_end');
      const labels = counted
        .filter((i) => i.opcode.name === 'label')
        .map((i) => Number((i.operands[0] as { value: number }).value));
      const sum = labels.reduce((a, b) => a + b, 0);
      return `${each.name} ${each.arity} ${each.entry} ${counted.length} ${sum}`;
    });
    return [`${module.name} ${module.exports.length}`, ...functions];
  });
  const theirs = text.trim().split('\n');
  for (const [i, line] of ours.entries()) assert.equal(line, theirs[i]);
  assert.equal(ours.length, theirs.length);
});

test('literals as text mean the same to Erlang', () => {
  const literals = [
    'unicode_util',
    'erl_lint',
    'beam_validator',
    'ssl_cipher',
    'calendar',
    'string',
  ]
    .flatMap((name) => files.filter((path) => basename(path) === `${name}.beam`))
    .flatMap((path) => readModule(readFileSync(path)).literals.map(termText));
  const texts = [...literals, '<<1,5:3>>', "'when'", "'a\\nb'", '-0.0', '1.0e300', '[1|2]'];
  // Erlang reads each text and prints how many there are: a text that is no term fails to parse.
  const parsed = execFileSync(
    'erl',
    [
      '-noshell',
      '-eval',
      `
      Read = fun(R, N) -> case io:read('') of {ok,_} -> R(R, N + 1); eof -> io:format("~w", [N]) end end,
      Read(Read, 0), halt().`.replace(/\s+/g, ' '),
    ],
    { input: `${texts.map((text) => `${text}.`).join('\n')}\n`, encoding: 'utf8', timeout: 60_000 },
  );
  assert.equal(parsed, String(texts.length));
});

test('terms are printed as Erlang source', () => {
  const rows = [
    '{a,\'B c\',"text\\n",[1,2|3],[],{},#{}}',
    '<<"abc">>',
    '<<1,2,255>>',
    '<<1,5:3>>',
    '<<>>',
    '-1267650600228229401496703205376',
    "'when'",
    'fun lists:map/2',
    '1.5',
    '[0.1,1.0e300,-5.0e-324]',
  ];
  const values = rows.join(', ');
  const hex = erl(
    `[io:format("~s~n", [binary:encode_hex(term_to_binary(V))]) || V <- [${values}]]`,
  );
  const texts = hex
    .trim()
    .split('\n')
    .map((line) => termText(readTerm(Buffer.from(line, 'hex'), 'test')));
  assert.deepEqual(texts, rows);
});

test('the text of a function reads as erlc -S writes it', () => {
  const text = disassemble(named('lists'));
  for (const line of [
    '{module, lists}.',
    '{function, reverse, 1, ',
    '    {call_ext_only,2,{extfunc,lists,reverse,2}}.',
    '    {test,is_nonempty_list,{f,',
    "    {gc_bif,'+',{f,0},",
    '    {line,[{location,"lists.erl",',
    '    return.',
  ])
    assert.ok(text.includes(line), line);
});

/** Mutants and prefixes either disassemble or are refused by one line. */
function tryDisassemble(data: Uint8Array): boolean {
  try {
    disassemble(data);
    return true;
  } catch (error) {
    assert.ok(error instanceof BeamError, `${(error as Error).stack}`);
    assert.doesNotMatch(error.message, /\n/);
    return false;
  }
}

test('every prefix of a module is refused with one line', () => {
  const data = named('proplists');
  for (let length = 0; length < data.length; length++)
    assert.equal(tryDisassemble(data.subarray(0, length)), false);
});

test('1,000 mutations are refused with one line or disassemble', () => {
  let state = 12345;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const originals = ['proplists', 'gen_server', 'queue'].map(named);
  let refused = 0;
  for (let round = 0; round < 1000; round++) {
    const data = Uint8Array.from(originals[round % originals.length]!);
    for (let changes = 1 + random(4); changes > 0; changes--)
      data[random(data.length)] = random(256);
    if (!tryDisassemble(data)) refused++;
  }
  assert.ok(refused > 50);
});
