/**
 * The modules whose mutants are run: modules of OTP, so chosen that together they hold every
 * instruction that its compiler emits and can do no more than run, and `victim.erl`, compiled as
 * the compilers of several releases did.
 *
 * Chunks that the VM does not read are left out, literals are stored uncompressed (as OTP 28 does)
 * so that mutations reach them, and names begin with a capital, for OTP's own stay in use.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { applicationModules, otpRoot } from '../../image/otp.ts';

export interface Victim {
  readonly name: string;
  readonly beam: Uint8Array;
}

/** Lists, maps, binaries, floats, receives, ets, funs, records, text, Unicode, big selects. */
export const otpVictims: readonly string[] = [
  'array base64 beam_lib binary calendar dict digraph digraph_utils edlin_expand erl_anno erl_bits',
  'erl_internal erl_lint erl_scan error_logger_file_h ets eval_bits filename gb_sets gb_trees gen',
  'gen_event gen_server gen_statem io_lib io_lib_format io_lib_fread io_lib_pretty lists maps math',
  'ms_transform ordsets orddict otp_internal pool proc_lib proplists qlc queue rand random re sets',
  'shell_default sofs string supervisor sys timer unicode uri_string win32reg zip',
]
  .join(' ')
  .split(' ');

/** Options of the compiler with which victim.erl is compiled, each a victim of its own. */
const compilations: readonly (readonly string[])[] = [
  [],
  ['+r23'],
  ['+r24'],
  ['+no_type_opt', '+no_ssa_opt'],
  ['+no_bsm_opt', '+no_bs_match'],
  ['+inline', '+debug_info'],
];

const kept = /^(AtU8|Atom|Code|StrT|ImpT|ExpT|FunT|LitT|LocT|Attr|CInf|Line|Type|Meta)$/;

function chunksOf(file: Buffer): { id: string; data: Buffer }[] {
  const found: { id: string; data: Buffer }[] = [];
  for (let at = 12; at < file.length; ) {
    const size = file.readUInt32BE(at + 4);
    const id = file.toString('latin1', at, at + 4);
    found.push({ id, data: file.subarray(at + 8, at + 8 + size) });
    at += 8 + ((size + 3) & ~3);
  }
  return found;
}

function joined(chunks: readonly { id: string; data: Uint8Array }[]): Buffer {
  const parts = chunks.flatMap(({ id, data }) => {
    const head = Buffer.from(`${id}0000`, 'latin1');
    head.writeUInt32BE(data.length, 4);
    return [head, data, Buffer.alloc(-data.length & 3)];
  });
  const body = Buffer.concat([Buffer.from('BEAM'), ...parts]);
  const head = Buffer.from('FOR10000', 'latin1');
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

function plainLiterals(data: Buffer): Buffer {
  if (data.readUInt32BE(0) === 0) return data;
  return Buffer.concat([Buffer.alloc(4), inflateSync(data.subarray(4))]);
}

/** The atom table with the module's name, its first atom, written with a capital. */
function renamed(data: Buffer, name: string): Buffer {
  const copy = Buffer.from(data);
  const at = copy.indexOf(name);
  copy.write(name.slice(0, 1).toUpperCase(), at);
  return copy;
}

export function victimOf(name: string, file: Buffer): Victim {
  const chunks = chunksOf(file)
    .filter(({ id }) => kept.test(id))
    .map(({ id, data }) => {
      if (id === 'LitT') return { id, data: plainLiterals(data) };
      return id === 'AtU8' ? { id, data: renamed(data, name) } : { id, data };
    });
  return { name: name.slice(0, 1).toUpperCase() + name.slice(1), beam: joined(chunks) };
}

/** victim.erl, as the compilers of several releases would write it. */
export function compiledVictims(): Victim[] {
  const source = join(import.meta.dirname, 'victim.erl');
  const work = mkdtempSync(join(tmpdir(), 'vbeam-victims-'));
  try {
    return compilations.map((options, i) => {
      const out = join(work, String(i));
      mkdirSync(out);
      execFileSync('erlc', ['-W0', ...options, '-o', out, source], { timeout: 60_000 });
      const { beam } = victimOf('victim', readFileSync(join(out, 'victim.beam')));
      return { name: 'Victim', beam };
    });
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** All victims; those of OTP that are not installed are left out. */
export function victims(): Victim[] {
  const paths = applicationModules(otpRoot(), 'stdlib');
  const otp = otpVictims.flatMap((name) => {
    const path = paths.find((each) => basename(each, '.beam') === name);
    return path ? [victimOf(name, readFileSync(path))] : [];
  });
  return [...otp, ...compiledVictims()];
}
