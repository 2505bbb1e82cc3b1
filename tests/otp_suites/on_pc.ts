/** Runs a boot archive on the simulated PC and prints what its serial line prints: ARCHIVE MB. */
import { readFileSync, writeSync } from 'node:fs';
import { runPc } from '../../machine/pc.ts';
import { buildVmForUse } from '../../tools/build_vm.ts';

const [archive, megabytes] = process.argv.slice(2);
const { wasm } = await buildVmForUse();
const result = runPc({
  wasm: new WebAssembly.Module(Buffer.from(wasm)),
  archive: readFileSync(archive as string),
  memoryBytes: Number(megabytes) * 2 ** 20,
  seed: 0n,
  wallClockNs: BigInt(Date.now()) * 1_000_000n,
  onSerial: (bytes) => writeSync(1, bytes),
});
if (result.panic !== undefined) process.stderr.write(`${result.panic}\n`);
process.exitCode = result.status ?? 1;
