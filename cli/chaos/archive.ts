/** The boot archive of a campaign: the system with its shell, and the program of os/chaos. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildBootArchive, buildDir } from '../../image/boot_archive.ts';
import { compileErlang } from '../../image/erlang.ts';

const sources = join(import.meta.dirname, '..', '..', 'os', 'chaos', 'src');

/** Of one length, so that a shorter run is the beginning of a longer one to the last byte read. */
const digits = (value: number): string => String(value).padStart(10, '0');

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
    args: [digits(seed), digits(faults), machine, only],
    beams,
  });
}
