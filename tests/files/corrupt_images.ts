/**
 * `make images`: broken ext2 file systems on the simulated PC (corrupt_images.erl), a range of
 * seeds a boot. A harm is an end of the VM or of the service, an image that takes longer than a
 * minute, or an answer that is neither a result nor an error.
 *
 *   node --import tsx tests/files/corrupt_images.ts FIRST COUNT
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildBootArchive, buildDir } from '../../image/boot_archive.ts';
import { compileErlang } from '../../image/erlang.ts';
import { runPc } from '../../machine/pc.ts';
import { buildVmForUse } from '../../tools/build_vm.ts';

const source = join(import.meta.dirname, 'corrupt_images.erl');
const memoryBytes = 256 << 20;
const seedsOfBoot = 250;

export interface ImageOutcome {
  /** How many were `used`, gave `errors`, or were `refused` when they were to be mounted. */
  readonly counts: ReadonlyMap<string, number>;
  /** What was wrong besides. */
  readonly harms: readonly string[];
}

/** What becomes of the images of `count` seeds. */
export async function corruptImages(
  wasm: WebAssembly.Module,
  first: number,
  count: number,
): Promise<ImageOutcome> {
  const program = {
    name: 'corrupt_images',
    module: 'corrupt_images',
    function: 'main',
    args: [String(first), String(count)],
    beams: await compileErlang([source], join(buildDir, 'programs')),
  };
  const chunks: Uint8Array[] = [];
  const { panic } = runPc({
    wasm,
    archive: await buildBootArchive('application', program),
    memoryBytes,
    seed: BigInt(first),
    onSerial: (bytes) => chunks.push(bytes.slice()),
  });
  const text = Buffer.concat(chunks).toString('utf8').replaceAll('\r', '');
  const said = /^corrupt images: \[(.*)\]$/m.exec(text)?.[1] ?? '';
  const counts = new Map<string, number>();
  for (const [, name = '', number] of said.matchAll(/\{(used|errors|refused),(\d+)\}/g))
    counts.set(name, Number(number));
  const total = [...counts.values()].reduce((sum, number) => sum + number, 0);
  const harms: string[] = [];
  if (panic !== undefined) harms.push(panic);
  if (total !== count) harms.push(said || text.slice(-4000));
  if (!/^failed: \[\]$/m.test(text)) harms.push(/^failed: .*$/m.exec(text)?.[0] ?? 'no end');
  if (!/^application: ended with status 0$/m.test(text)) harms.push('the program did not end well');
  return { counts, harms };
}

async function main(first: number, count: number): Promise<void> {
  const wasm = new WebAssembly.Module(Buffer.from((await buildVmForUse()).wasm));
  const sums = new Map<string, number>();
  let harms = 0;
  for (let from = first; from < first + count; from += seedsOfBoot) {
    const now = Math.min(seedsOfBoot, first + count - from);
    const outcome = await corruptImages(wasm, from, now);
    for (const [name, number] of outcome.counts) sums.set(name, (sums.get(name) ?? 0) + number);
    for (const harm of outcome.harms) {
      harms++;
      process.stdout.write(`seeds ${from} to ${from + now - 1}: ${harm}\n`);
    }
    process.stderr.write(`\r${from + now - first} of ${count} `);
  }
  process.stderr.write('\n');
  for (const [name, number] of sums)
    process.stdout.write(`figure corrupt_images_${name} ${number} images\n`);
  process.stdout.write(`figure corrupt_images_harms ${harms} harms\n`);
  process.exitCode = harms ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [first = 1, count = 10_000] = process.argv.slice(2).map(Number);
  await main(first, count);
}
