/** The boot archive of a campaign: the system with its shell, and the program of os/chaos. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildBootArchive, buildDir } from '../../image/boot_archive.ts';
import { compileErlang } from '../../image/erlang.ts';

const sources = join(import.meta.dirname, '..', '..', 'os', 'chaos', 'src');

export async function chaosArchive(
  seed: number,
  faults: number,
  machine: 'simulated' | 'qemu',
  only: string,
): Promise<Uint8Array> {
  const files = readdirSync(sources).map((name) => join(sources, name));
  const beams = await compileErlang(files, join(buildDir, 'chaos'));
  return buildBootArchive('stay', {
    name: 'chaos',
    module: 'vbeam_chaos',
    function: 'main',
    args: [String(seed), String(faults), machine, only],
    beams,
  });
}
