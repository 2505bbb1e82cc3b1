import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { buildVm } from './build_vm.ts';
import { writeTar } from '../image/tar.ts';
const args = process.argv.slice(2);
const level = args[0] === '-O3' ? (args.shift(), 3) : 1;
const boot = args.shift()!;
const files = args.map((p) => ({ path: basename(p), bytes: readFileSync(p) }));
files.unshift({ path: 'boot', bytes: Buffer.from(boot.replace(/\\n/g, '\n') + '\n') });
const { wasm } = await buildVm({ level: level as 1 | 3 });
const bytes = (Number(process.env.MB ?? 256)) << 20;
const memory = new WebAssembly.Memory({ initial: bytes >> 16, maximum: 65536 });
const archive = writeTar(files);
const at = (bytes - archive.length) & ~4095;
new Uint8Array(memory.buffer).set(archive, at);
const t0 = process.hrtime.bigint();
let idle = 0n;
const limit = BigInt(process.env.LIMIT ?? '0') * 1000000000n;
class Off { constructor(public s: number) {} }
const host: any = {
  debugWrite: (a: number, n: number) => { process.stdout.write(Buffer.from(new Uint8Array(memory.buffer, a >>> 0, n))); },
  now: () => process.hrtime.bigint() - t0 + idle,
  wallClock: () => 1700000000000000000n,
  entropy: () => 42n,
  nextInterrupt: () => { if (limit && host.now() > limit) { (instance.exports.dumpProcesses as any)(); throw new Off(99); } return 0; },
  wait: (d: bigint) => { if (d === -1n) { console.log('[idle forever]'); (instance.exports.dumpProcesses as any)(); throw new Off(77); } const n = host.now(); if (d > n) idle += d - n; },
  power: (s: number) => { throw new Off(s); },
  choose: () => 0, discard: () => {}, grant: () => 0, revoke: () => {}, interruptUnmask: () => {},
  portIn8: () => 0xff, portIn16: () => 0xffff, portIn32: () => -1, portOut8: () => {}, portOut16: () => {}, portOut32: () => {}, mmioRead: () => -1n, mmioWrite: () => {},
};
const module = new WebAssembly.Module(wasm);
const instance = new WebAssembly.Instance(module, { env: { memory }, host });
try { (instance.exports.main as any)(bytes, at, archive.length); } catch (e) { if (e instanceof Off) process.exitCode = e.s; else throw e; }
