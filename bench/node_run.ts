/**
 * Run a boot archive on the simulated PC several times in one process, so that V8 has compiled the
 * VM with its optimising compiler before the last ones; print the least CPU seconds and what the
 * program showed last.
 *
 *   node --import tsx bench/node_run.ts WASM ARCHIVE RUNS
 */
import { readFileSync } from 'node:fs';
import { runPc } from '../machine/pc.ts';
import { lastLine } from './cpu_time.ts';

const memoryBytes = 512 << 20;

function main(): void {
  const [vm, path, runs] = process.argv.slice(2);
  const archive = readFileSync(path!);
  const wasm = new WebAssembly.Module(readFileSync(vm!));
  let least = Number.POSITIVE_INFINITY;
  let text = '';
  for (let i = 0; i < Number(runs); i++) {
    const chunks: Uint8Array[] = [];
    const before = process.cpuUsage();
    const result = runPc({
      wasm,
      archive,
      memoryBytes,
      seed: 1n,
      onSerial: (bytes) => chunks.push(bytes.slice()),
    });
    const used = process.cpuUsage(before);
    if (result.panic !== undefined || result.status !== 0)
      throw new Error(`the program failed: ${result.panic ?? result.status}`);
    least = Math.min(least, (used.user + used.system) / 1e6);
    text = Buffer.concat(chunks).toString('utf8').replaceAll('\r', '');
  }
  process.stdout.write(`${least} ${lastLine(text)}\n`);
}

main();
