/**
 * Runs one VM of a campaign (node_runs.ts) and sends what was wrong at its end, or null. The host
 * functions are those of a machine without devices, on which time passes by looking at it.
 */
import { parentPort, workerData } from 'node:worker_threads';

const { wasm, archive, memoryBytes, shared, wide } = workerData;
const count = new Int32Array(shared, 0, 1);
const letters = new Uint8Array(shared, 8);
const outcomeMark = 0xf8;
const harmLetter = 0x46;
const textMax = 4000;

class PowerOff {
  constructor(status) {
    this.status = status;
  }
}

const memory = new WebAssembly.Memory({ initial: memoryBytes >> 16, maximum: 65536 });
const bytes = new Uint8Array(memory.buffer);
const at = (memoryBytes - archive.length) & ~4095;
bytes.set(archive, at);

let clock = 0n;
let text = '';
const known = {
  debugWrite: (from, length) => {
    if (length === 2 && bytes[from] === outcomeMark) {
      text = '';
      if (bytes[from + 1] === harmLetter) return;
      letters[count[0]] = bytes[from + 1];
      Atomics.add(count, 0, 1);
    } else if (text.length < textMax)
      text += Buffer.from(bytes.subarray(from, from + length)).toString('latin1');
  },
  now: () => {
    clock += 100_000n;
    return clock;
  },
  wallClock: () => 1700000000000000000n,
  entropy: () => 42n,
  nextInterrupt: () => 0,
  wait: (deadline) => {
    if (deadline === -1n) throw new PowerOff('waits for ever');
    if (deadline > clock) clock = deadline;
  },
  power: (status) => {
    throw new PowerOff(status);
  },
  portIn8: () => 0xff,
  portIn16: () => 0xffff,
  portIn32: () => -1,
  mmioRead: () => -1n,
  grant: () => 1,
  // ENOSYS: this host has no files and no ring 3.
  fileCall: () => -38n,
  taskCall: () => -38n,
};

/** What else may be asked for is answered with nothing. */
const others = (name) => (wide.includes(name) ? () => 0n : () => 0);
const host = {};
for (const { module, name, kind } of WebAssembly.Module.imports(wasm))
  if (module === 'host' && kind === 'function') host[name] = known[name] ?? others(name);
let harm;
try {
  const instance = new WebAssembly.Instance(wasm, { env: { memory }, host });
  instance.exports.main(memoryBytes, at, archive.length);
  harm = 'main returned';
} catch (error) {
  if (error instanceof PowerOff) harm = error.status === 0 ? null : `status ${error.status}`;
  else harm = `traps: ${error.stack.split('\n').slice(0, 8).join(' ')}`;
}
if (harm !== null) harm = `${harm}: ${text.trim().slice(-600)}`;
parentPort.postMessage(harm);
