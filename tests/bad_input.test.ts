/**
 * Bad input through the command line: one clear error on standard error, a status that is not 0,
 * and never a stack trace of ours.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BeamError } from '../beam/beam_error.ts';
import { disassemble } from '../beam/disassemble.ts';
import { writeTar } from '../image/tar.ts';
import { runPc } from '../machine/pc.ts';
import { buildVm } from '../tools/build_vm.ts';
import { root, vbeam } from './command_line.ts';

const work = mkdtempSync(join(tmpdir(), 'vbeam-bad-input-'));
after(() => rmSync(work, { recursive: true, force: true }));
const slow = { timeout: 900_000 };

/** Marks of a stack trace of JavaScript, or of an error that nobody expected. */
const unexpected = /^\s+at .*[(:]|internal error|node:internal|RuntimeError/m;

interface BadCommand {
  readonly what: string;
  readonly args: readonly string[];
  readonly stderr: RegExp;
  /** Files to make first, below the scratch folder. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly env?: Readonly<Record<string, string>>;
}

const file = (name: string) => join(work, name);

/** Compile a module whose source follows `-module(NAME).`, and return the `.beam` file. */
function compiled(name: string, source: string): Uint8Array {
  const folder = join(work, `${name}_source`);
  mkdirSync(folder);
  const path = join(folder, `${name}.erl`);
  writeFileSync(path, `-module(${name}).\n${source}`);
  execFileSync('erlc', ['-o', folder, path]);
  return readFileSync(join(folder, `${name}.beam`));
}

/** A sound module that makes a boot archive of more than 16 MB: it has a chunk of 12 MB. */
function largeModule(): Uint8Array {
  const beam = compiled('large', '-export([main/0]).\nmain() -> ok.\n');
  const chunkBytes = 12 << 20;
  const bytes = Buffer.alloc(beam.length + 8 + chunkBytes);
  bytes.set(beam);
  bytes.write('Pad0', beam.length, 'latin1');
  bytes.writeUInt32BE(chunkBytes, beam.length + 4);
  bytes.writeUInt32BE(bytes.length - 8, 4);
  return bytes;
}

const commands: readonly BadCommand[] = [
  {
    what: 'a V program with a type error',
    files: { 'bad_type.v': "fn main() {\n\tmut x := 1\n\tx = 'text'\n\tprintln(x)\n}\n" },
    args: ['run', file('bad_type.v')],
    stderr: /bad_type\.v:3:\d+: error: [\s\S]*x = 'text'\n.*~/,
  },
  {
    what: 'a V program with a syntax error',
    files: { 'bad_syntax.v': 'fn main( {\n' },
    args: ['run', file('bad_syntax.v')],
    stderr: /bad_syntax\.v:1:\d+: error: /,
  },
  {
    what: 'an Erlang program with a syntax error',
    files: { 'bad_erlang.erl': '-module(bad_erlang).\n-export([main/0]).\nmain( -> ok.\n' },
    args: ['run', file('bad_erlang.erl')],
    stderr: /bad_erlang\.erl:3:/,
  },
  { what: 'a missing program', args: ['run', 'no_such.v'], stderr: /no_such\.v: no such file/ },
  {
    what: 'a folder without V files as the program',
    args: ['run', 'docs'],
    stderr: /docs: no V files in the folder/,
  },
  { what: 'a device as the program', args: ['run', '/dev/null'], stderr: /null: not a file/ },
  {
    what: 'a file of an unknown kind',
    args: ['run', 'README.md'],
    stderr: /README\.md: expected a \.v, \.erl or \.beam file/,
  },
  {
    what: 'text with the name of a .beam file',
    files: { 'text.beam': 'this is no module\n' },
    args: ['run', file('text.beam')],
    stderr: /text\.beam: beam file: does not start with FOR1/,
  },
  {
    what: 'text to disassemble',
    files: { 'text2.beam': 'this is no module either\n' },
    args: ['dis', file('text2.beam')],
    stderr: /\S/,
  },
  { what: 'an unknown command', args: ['fly'], stderr: /unknown command fly/ },
  {
    what: 'an unknown option',
    args: ['run', '--fast', 'examples/hello.v'],
    stderr: /unknown option --fast/,
  },
  {
    what: 'an option without its value',
    args: ['run', 'examples/hello.v', '--memory'],
    stderr: /option --memory needs a value/,
  },
  {
    what: 'a memory size that is no number',
    args: ['run', 'examples/hello.v', '--memory', 'much'],
    stderr: /--memory must be a whole number/,
  },
  {
    what: 'an image that is too large for its memory',
    files: { 'large.beam': largeModule() },
    args: ['run', file('large.beam'), '--memory', '16'],
    stderr: /does not fit into 16 MB of memory/,
  },
  {
    what: 'a firmware file that is missing',
    args: ['qemu', 'examples/hello.v'],
    env: { VBEAM_OVMF: '/nonexistent' },
    stderr: /\/nonexistent: no such firmware file/,
  },
  { what: 'a build without a place', args: ['build', 'examples/hello.v'], stderr: /-o .*missing/ },
];

describe('the command line says what is wrong', () => {
  for (const { what, args, stderr, files, env } of commands)
    test(what, slow, async () => {
      for (const [name, content] of Object.entries(files ?? {}))
        writeFileSync(join(work, name), content);
      const result = await vbeam(args, env ? { env } : {});
      assert.equal(result.timedOut, false, 'hangs');
      assert.ok(result.status !== 0 && result.status !== null, `status ${result.status}`);
      assert.match(result.stderr, stderr);
      assert.doesNotMatch(result.stderr, unexpected);
    });
});

/** A small module. */
const smallBeam = () =>
  compiled(
    'small',
    `-export([main/0]).
main() -> erlang:display(lists_of([1, 2.5, <<"three">>, #{four => "4"}])).
lists_of(L) -> [case X of N when is_number(N) -> {number, N + 1}; _ -> X end || X <- L].
`,
  );

/** Numbers below `limit`, the same in every run. */
function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

describe('a damaged module', () => {
  let beam: Uint8Array;
  let wasm: WebAssembly.Module;
  before(async () => {
    beam = smallBeam();
    wasm = new WebAssembly.Module(Buffer.from((await buildVm({ level: 1 })).wasm));
  });

  /** The output of a bare VM that is to run it. */
  function runBare(bytes: Uint8Array): { text: string; status: number | null; panic?: string } {
    const boot = { path: 'boot', bytes: Buffer.from('small main\n') };
    const chunks: Uint8Array[] = [];
    const { status, panic } = runPc({
      wasm,
      archive: writeTar([boot, { path: 'small.beam', bytes }]),
      memoryBytes: 16 << 20,
      seed: 0n,
      onSerial: (text) => chunks.push(text.slice()),
      limits: { reductionsMax: 1_000_000 },
    });
    const text = Buffer.concat(chunks).toString('latin1');
    return { text, status, ...(panic === undefined ? {} : { panic }) };
  }

  test('as it is, it runs', () => {
    const { text, status } = runBare(beam);
    assert.equal(status, 0, text);
    assert.match(text, /three/);
  });

  test('every prefix stops the VM with a status', () => {
    for (let length = 0; length < beam.length; length++) {
      const { text, status, panic } = runBare(beam.subarray(0, length));
      assert.equal(panic, undefined, `prefix of ${length} bytes: ${panic}`);
      assert.ok(status !== null && status !== 0, `prefix of ${length} bytes: ${status} ${text}`);
    }
  });

  test('every prefix is refused by the disassembler with one line', () => {
    for (let length = 0; length < beam.length; length++)
      assert.throws(() => disassemble(beam.subarray(0, length)), isPlainError, `${length} bytes`);
  });

  test('mutations run or are refused, and never break the VM', () => {
    const random = seeded(2026);
    for (let round = 0; round < 1000; round++) {
      const bytes = Uint8Array.from(beam);
      for (let n = 1 + random(4); n > 0; n--) bytes[random(bytes.length)] = random(256);
      const { panic } = runBare(bytes);
      assert.equal(panic, undefined, `round ${round}: ${panic}`);
    }
  });

  test('mutations are disassembled or refused with one line', () => {
    const random = seeded(7);
    for (let round = 0; round < 1000; round++) {
      const bytes = Uint8Array.from(beam);
      for (let n = 1 + random(4); n > 0; n--) bytes[random(bytes.length)] = random(256);
      try {
        disassemble(bytes);
      } catch (error) {
        assert.ok(isPlainError(error), `round ${round}: ${error}`);
      }
    }
  });

  test('a truncated file, through the command line', slow, async () => {
    const path = join(work, 'small.beam');
    for (const length of [20, beam.length >> 1, beam.length - 1]) {
      writeFileSync(path, beam.subarray(0, length));
      const results = await Promise.all([vbeam(['run', path, '--bare']), vbeam(['dis', path])]);
      for (const { status, stderr } of results) {
        assert.ok(status !== 0 && status !== null, `status ${status} for ${length} bytes`);
        assert.doesNotMatch(stderr, unexpected);
      }
    }
  });
});

/** An error made for users: one line. */
function isPlainError(error: unknown): boolean {
  return error instanceof BeamError && error.message !== '' && !error.message.includes('\n');
}

test('make setup names every Debian package that the requirements table names', async () => {
  const { debianRequirements } = await import('../tables/requirements.ts');
  const script = readFileSync(join(root, 'tools', 'setup.sh'), 'utf8');
  for (const each of debianRequirements)
    assert.ok(
      script.includes(`need ${each.program} ${each.package}`) || each.program === 'OVMF',
      `tools/setup.sh does not install ${each.package} for ${each.program}`,
    );
});
