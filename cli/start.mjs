// Starts the command line from a bundle of the sources: compiling each file through tsx takes
// longer than most commands. A bundle is kept under a stamp of all sources, names, sizes and times
// of change, so that no build step stands between a change and its effect.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bundles = join(root, 'build', 'cli');
/** Folders that no command is made of. */
const others = new Set(['build', 'node_modules', 'tests', 'docs', 'examples', 'bench']);
/** Bundles of older sources that are kept: other processes may be starting from them. */
const keptMs = 24 * 3600 * 1000;

function addFiles(hash, folder, below) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || (below === 0 && others.has(entry.name))) continue;
    if (entry.isDirectory()) {
      // Generated files follow from the others.
      if (entry.name !== 'gen' && entry.name !== 'testdata') addFiles(hash, path, below + 1);
    } else if (entry.isFile()) {
      const { size, mtimeNs } = statSync(join(root, path), { bigint: true });
      hash.update(`${path}\0${size}\0${mtimeNs}\0`);
    }
  }
}

function sourceStamp() {
  const hash = createHash('sha256').update(`${root}\0${process.version}\0`);
  addFiles(hash, '', 0);
  return hash.digest('hex').slice(0, 24);
}

/** Sources see their own places, not that of the bundle. */
const ownPlaces = {
  name: 'own places',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const places = { url: pathToFileURL(path).href, dirname: dirname(path), filename: path };
      const contents = text.replace(/import\.meta\.(url|dirname|filename)/g, (_, name) =>
        JSON.stringify(places[name]),
      );
      return { contents, loader: 'ts' };
    });
  },
};

/** Bundles sources, named from the root of the repository, into `folder/NAME.mjs`. */
export async function bundle(entryPoints, folder) {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: folder,
    entryNames: '[name]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    sourcemap: 'linked',
    logLevel: 'error',
    plugins: [ownPlaces],
  });
}

async function makeBundle(folder) {
  mkdirSync(bundles, { recursive: true });
  for (const name of readdirSync(bundles)) {
    const path = join(bundles, name);
    if (Date.now() - statSync(path).mtimeMs > keptMs)
      rmSync(path, { recursive: true, force: true });
  }
  const scratch = mkdtempSync(`${folder}.`);
  await bundle(['cli/main.ts', 'machine/guest_thread.ts'], scratch);
  try {
    renameSync(scratch, folder);
  } catch (error) {
    // Another process was faster.
    if (!existsSync(folder)) throw error;
    rmSync(scratch, { recursive: true });
  }
}

/** Run a command of `vbeam`. */
export async function start(args) {
  const stamp = sourceStamp();
  const folder = join(bundles, stamp);
  if (!existsSync(folder)) await makeBundle(folder);
  const { main } = await import(pathToFileURL(join(folder, 'main.mjs')).href);
  await main(args, { stamp, folder });
}
