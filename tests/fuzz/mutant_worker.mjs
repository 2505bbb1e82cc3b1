/** Runs mutants one after the other, each in a fresh instance of the VM; see mutants.ts. */
import { parentPort, workerData } from 'node:worker_threads';

const { wasm, archive, victimAt, victim, victims, memoryBytes, first, end } = workerData;

class PowerOff {
  constructor(status) {
    this.status = status;
  }
}

function randomNumbers(seed) {
  let state = Math.imul(seed + 1, 0x9e3779b1);
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** First and last + 1 byte of the instructions in the Code chunk. */
function codeRange(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 12; at < file.length; ) {
    const size = view.getUint32(at + 4);
    if (String.fromCharCode(...file.subarray(at, at + 4)) === 'Code')
      return [at + 28, at + 8 + size];
    at += 8 + ((size + 3) & ~3);
  }
  throw new Error('the victim has no code');
}
const [codeFrom, codeTo] = codeRange(victim);

function mutate(bytes, seed) {
  const random = randomNumbers(seed);
  const inCode = random(10) !== 0;
  for (let changes = 1 + (random(3) ? 0 : random(3)); changes > 0; changes--) {
    const at = inCode ? codeFrom + random(codeTo - codeFrom) : random(bytes.length);
    switch (random(6)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes[at] ^= 1 << random(8);
        break;
      case 2:
        bytes[at] = bytes[codeFrom + random(codeTo - codeFrom)];
        break;
      // The value of a short operand, its kind unchanged.
      default:
        bytes[at] += 16 * (random(2) ? 1 : -1);
    }
  }
}

function hostFunctions(memory, text) {
  let clock = 0n;
  return {
    debugWrite: (at, length) => {
      text.push(Buffer.from(memory.buffer, at >>> 0, length).toString('latin1'));
    },
    // Time passes by looking at it, so that runs repeat exactly.
    now: () => {
      clock += 200_000n;
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
    choose: () => 0,
    portIn8: () => 0xff,
    portIn16: () => 0xffff,
    portIn32: () => -1,
    mmioRead: () => -1n,
  };
}

function runMutant(seed) {
  const memory = new WebAssembly.Memory({ initial: memoryBytes >> 16, maximum: 65536 });
  const files = victims?.[seed] ?? archive;
  const at = (memoryBytes - files.length) & ~4095;
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(files, at);
  if (!victims) mutate(bytes.subarray(at + victimAt, at + victimAt + victim.length), seed);
  const text = [];
  const known = hostFunctions(memory, text);
  const host = {};
  for (const { module, name, kind } of WebAssembly.Module.imports(wasm))
    if (module === 'host' && kind === 'function') host[name] = known[name] ?? (() => 0);
  let status;
  try {
    const instance = new WebAssembly.Instance(wasm, { env: { memory }, host });
    instance.exports.main(memoryBytes, at, files.length);
    status = 'returned';
  } catch (error) {
    status = error instanceof PowerOff ? error.status : `traps: ${error.message}`;
  }
  const printed = text.join('');
  const outcome = /(refused|ended|killed)/.exec(printed)?.[1];
  if (status === 0 && outcome && /\balive\b/.test(printed)) return { seed, outcome, good: true };
  const last = printed.trim().split('\n').slice(-2).join(' | ').slice(0, 300);
  return { seed, outcome: `status ${status}: ${last}`, good: false };
}

for (let seed = first; seed < end; seed++) parentPort.postMessage(runMutant(seed));
