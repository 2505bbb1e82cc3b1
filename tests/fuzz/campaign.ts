/**
 * Runs ranges of mutants (fuzz_runner.erl) in VMs that are used as long as they are healthy: a
 * fresh one takes over after a fixed number of seeds, and behind a seed that did harm. A seed does
 * harm when the VM traps, hangs, stops, or is no longer sound.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { applicationModules, otpRoot } from '../../image/otp.ts';
import { type ArchiveFile, writeTar } from '../../image/tar.ts';
import { opcodes } from '../../tables/opcodes.ts';
import { runNatively } from './native_runs.ts';
import { runInNode } from './node_runs.ts';
import { victims } from './victims.ts';

export type What = 'modules' | 'terms';
/** `quick`: in Node, the build of the tests; `node`: there, optimised; `native`: machine code. */
export type Host = 'quick' | 'node' | 'native';

export interface Range {
  readonly what: What;
  readonly first: number;
  readonly count: number;
}
/** How a run of a VM over some seeds went. */
export interface Run {
  /** A letter a seed, as far as it came (fuzz_modules.erl, fuzz_terms.erl). */
  readonly outcomes: string;
  /** What went wrong at the seed behind the last letter; null when all went well. */
  readonly harm: string | null;
}
export interface Harm {
  readonly seed: number;
  readonly what: string;
}
export interface Summary extends Range {
  readonly counts: ReadonlyMap<string, number>;
  readonly harms: readonly Harm[];
}

const folder = import.meta.dirname;
/** Seeds that one VM runs: what it keeps of them (atoms, literals) must fit into its memory. */
const seedsOfVm = 2000;
/** Seeds between two looks at the canary. */
const interval = 50;
/** After so many harms a campaign stops. */
const harmsMax = 40;
const helpers =
  /^(atomics|error_handler|erlang|erts_internal|ets|gen|lists|maps|persistent_term|proc_lib)$/;

/** Files of the boot archive that are the same for every range. */
export function campaignFiles(): ArchiveFile[] {
  const out = mkdtempSync(join(tmpdir(), 'vbeam-campaign-'));
  try {
    const sources = readdirSync(folder).filter((name) => /^fuzz_.*\.erl$/.test(name));
    const paths = sources.map((name) => join(folder, name));
    execFileSync('erlc', ['-W0', '-o', out, ...paths], { timeout: 60_000 });
    const root = otpRoot();
    const otp = ['erts', 'kernel', 'stdlib']
      .flatMap((application) => applicationModules(root, application))
      .filter((path) => helpers.test(basename(path, '.beam')));
    const beams = [...readdirSync(out).map((name) => join(out, name)), ...otp];
    const arities = Buffer.alloc(1 + Math.max(...opcodes.map(({ number }) => number)), 0xff);
    for (const { number, arity } of opcodes) arities[number] = arity;
    const all = victims();
    const names = all.map(({ name }) => name).join('\n');
    return [
      ...beams.map((path) => ({ path: basename(path), bytes: readFileSync(path) })),
      { path: 'arities', bytes: arities },
      { path: 'names', bytes: Buffer.from(names) },
      ...all.map(({ beam }, i) => ({ path: `victim/${i + 1}`, bytes: beam })),
    ];
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** Tells generators apart: of the mutants, the victims and what is done with them. */
export function generatorRevision(files: readonly ArchiveFile[]): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort())
    if (name.endsWith('.erl')) hash.update(name).update(readFileSync(join(folder, name)));
  for (const { path, bytes } of files) if (path.startsWith('victim/')) hash.update(bytes);
  return hash.digest('hex').slice(0, 12);
}

export function rangeArchive(files: readonly ArchiveFile[], range: Range, every = interval) {
  const line = `${range.what} ${range.first} ${range.count} ${every}\n`;
  return writeTar([
    { path: 'boot', bytes: Buffer.from('fuzz_runner run\n') },
    { path: 'range', bytes: Buffer.from(line) },
    ...files,
  ]);
}

function runOn(host: Host, archive: Uint8Array): Promise<Run> {
  return host === 'native' ? runNatively(archive) : runInNode(archive, host === 'node' ? 3 : 1);
}

/** Runs the range; `progress` is told the next seed now and then. */
export async function runCampaign(
  files: readonly ArchiveFile[],
  range: Range,
  host: Host,
  progress: (seed: number) => void = () => {},
): Promise<Summary> {
  const counts = new Map<string, number>();
  const harms: Harm[] = [];
  const end = range.first + range.count;
  for (let first = range.first; first < end && harms.length < harmsMax; ) {
    const count = Math.min(seedsOfVm, end - first);
    const archive = rangeArchive(files, { ...range, first, count });
    const run = await runOn(host, archive);
    for (const letter of run.outcomes) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    first += run.outcomes.length;
    const harm = run.harm ?? (run.outcomes.length < count ? 'the VM was stopped' : null);
    if (harm !== null) {
      // At the end of a run only what all its seeds did can be to blame.
      harms.push({ seed: first, what: harm });
      first++;
    }
    progress(first);
  }
  return { ...range, counts, harms };
}
