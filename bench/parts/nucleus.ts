/** The nucleus by itself: its size, and the frames that its allocator gives and takes. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nucleusCode } from '../../nucleus/kernel.ts';
import { buildParts } from '../../nucleus/testing/parts.ts';
import { figure, type Part } from '../figures.ts';

const sources = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'nucleus');
const NUCLEUS_BYTES_MAX = 65536;

/** Machine code, constants and initialised data, and the lines that make them. */
function measureSize(): void {
  const { sections } = nucleusCode({ linearBytesMin: 1 << 20 }).finish();
  const bytes = (name: string) => sections.find((one) => one.name === name)?.bytes.length ?? 0;
  const code = bytes('.text');
  figure('nucleus_code_bytes', code, 'bytes');
  figure('nucleus_bytes', code + bytes('.rodata') + bytes('.data'), 'bytes');
  if (code > NUCLEUS_BYTES_MAX) throw new Error(`the nucleus has ${code} bytes of code`);
  const files = readdirSync(sources).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.startsWith('linux_'),
  );
  const lines = files.map(
    (name) => readFileSync(join(sources, name), 'utf8').split('\n').length - 1,
  );
  figure(
    'nucleus_lines',
    lines.reduce((sum, count) => sum + count, 0),
    'lines',
  );
}

async function measure(): Promise<void> {
  measureSize();
  const folder = mkdtempSync(join(tmpdir(), 'vbeam-nucleus-'));
  try {
    const program = join(folder, 'parts');
    buildParts(program);
    const text = execFileSync(program, ['speed'], { encoding: 'utf8' });
    const frames = Number(/^frames_per_second=(\d+)$/m.exec(text)?.[1]);
    figure('frames_per_second', frames, 'frames/s');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const nucleus: Part = {
  figures: ['nucleus_code_bytes', 'nucleus_bytes', 'nucleus_lines', 'frames_per_second'],
  measure,
};
