/** Runs a compiled Erlang module on the simulated PC without supervision tree, for tests. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { applicationFolder, otpRoot } from '../image/otp.ts';
import { type ArchiveFile, writeTar } from '../image/tar.ts';
import { runPc } from '../machine/pc.ts';

/** OTP's modules that programs use. */
const preloadedModules = ['atomics', 'counters', 'erlang', 'erts_internal', 'persistent_term'];
const stdlibModules = [
  'binary',
  'ets',
  'lists',
  'maps',
  'math',
  'string',
  'unicode',
  'unicode_util',
];

/** The installed OTP's files that every bare run has in its archive. */
export function bootFiles(): ArchiveFile[] {
  const root = otpRoot();
  const folders: readonly [string, readonly string[]][] = [
    [applicationFolder(root, 'erts'), preloadedModules],
    [applicationFolder(root, 'stdlib'), stdlibModules],
  ];
  return folders.flatMap(([folder, names]) =>
    names.map((name) => {
      const path = `${name}.beam`;
      return { path, bytes: readFileSync(join(folder, path)) };
    }),
  );
}

export interface BareRun {
  readonly wasm: WebAssembly.Module;
  readonly otp: readonly ArchiveFile[];
  /** Path of the module's file; its function run/0 is the first process. */
  readonly beam: string;
  readonly memoryBytes: number;
  readonly reductionsMax: number;
}

/** What the program prints. Fails when the VM itself does. */
export function runBare({ wasm, otp, beam, memoryBytes, reductionsMax }: BareRun): string {
  const path = basename(beam);
  const archive = writeTar([
    { path: 'boot', bytes: Buffer.from(`${path.slice(0, -5)} run\n`) },
    ...otp,
    { path, bytes: readFileSync(beam) },
  ]);
  const chunks: Uint8Array[] = [];
  const result = runPc({
    wasm,
    archive,
    memoryBytes,
    seed: 0n,
    onSerial: (bytes) => chunks.push(bytes.slice()),
    limits: { reductionsMax },
  });
  const text = Buffer.concat(chunks).toString('utf8').replaceAll('\r', '');
  assert.equal(result.panic, undefined, `${result.panic}\n${text}`);
  assert.notEqual(result.status, 134, text);
  // The VM's own lines end with the one about the archive.
  return text.replace(/^[\s\S]*?modules: \d+ in the boot archive\n/, '');
}
