/**
 * QEMU's devices, reached over its test protocol on standard input (`-qtest stdio`), and a pair of
 * machines, QEMU's and ours, that get the same accesses and have to give the same answers. QEMU's
 * time stands still: Debian's has no qtest accelerator, so `clock_step` is not there.
 */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { after } from 'node:test';
import type { MemoryBus, MemoryWidth } from '../memory_bus.ts';
import type { PortBus, PortWidth } from '../port_bus.ts';
import type { RandomStream } from '../random_stream.ts';

const program = 'qemu-system-x86_64';
const missing = spawnSync(program, ['--version']).error !== undefined;
/** Why tests against QEMU are left out, or false. */
export const skip = missing && `${program} is not installed`;

export const seed = BigInt(process.env.VBEAM_QTEST_SEED ?? 1);
export const rounds = Number(process.env.VBEAM_QTEST_ROUNDS ?? 1000);

const letters = { 1: 'b', 2: 'w', 4: 'l', 8: 'q' } as const;
const hex = (value: number | bigint) => `0x${value.toString(16)}`;

export class Qtest {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly answers: AsyncIterator<string>;

  constructor(devices: readonly string[] = []) {
    const machine = ['-machine', 'q35', '-accel', 'tcg', '-S', '-nodefaults', '-m', '16'];
    const clock = ['-rtc', 'base=2026-01-01T00:00:00,clock=vm'];
    const console = ['-display', 'none', '-serial', 'null', '-qtest', 'stdio'];
    const options = [...machine, ...clock, ...console, ...devices];
    this.child = spawn(program, options, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  private async command(text: string): Promise<bigint> {
    this.child.stdin.write(`${text}\n`);
    for (;;) {
      const { value, done } = await this.answers.next();
      if (done) throw new Error(`QEMU ended at ${text}`);
      if (/^FAIL/.test(value)) throw new Error(`QEMU refused ${text}: ${value}`);
      if (/^OK/.test(value)) return BigInt(value.split(' ')[1] ?? 0);
    }
  }

  async read(port: number, width: PortWidth = 1): Promise<number> {
    return Number(await this.command(`in${letters[width]} ${hex(port)}`));
  }

  async write(port: number, value: number, width: PortWidth = 1): Promise<void> {
    await this.command(`out${letters[width]} ${hex(port)} ${hex(value >>> 0)}`);
  }

  readMemory(address: bigint, width: MemoryWidth): Promise<bigint> {
    return this.command(`read${letters[width]} ${hex(address)}`);
  }

  async writeMemory(address: bigint, value: bigint, width: MemoryWidth): Promise<void> {
    await this.command(`write${letters[width]} ${hex(address)} ${hex(value)}`);
  }

  /** An input of the I/O APIC. */
  async setLine(line: number, high: boolean): Promise<void> {
    const path = '/machine/q35/ioapic unnamed-gpio-in';
    await this.command(`set_irq_in ${path} ${line} ${high ? 1 : 0}`);
  }

  end(): void {
    this.child.kill();
  }
}

const running: Qtest[] = [];
after(() => {
  for (const qemu of running) qemu.end();
});

export function startQemu(devices: readonly string[] = []): Qtest {
  const qemu = new Qtest(devices);
  running.push(qemu);
  return qemu;
}

/** Both machines; each access goes to both, and what is read must be the same. */
export class Pair {
  readonly qemu: Qtest;
  readonly random: RandomStream;
  /** Values read so far. */
  compared = 0;
  private readonly ports: PortBus;
  private readonly memory: MemoryBus;
  private readonly script: string[] = [];

  constructor(qemu: Qtest, ports: PortBus, memory: MemoryBus, random: RandomStream) {
    this.qemu = qemu;
    this.ports = ports;
    this.memory = memory;
    this.random = random;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.random.below(items.length)] as T;
  }

  /** A random number of so many bits, at most 53. */
  bits(count: number): number {
    return Number(this.random.next64() >> BigInt(64 - count));
  }

  note(text: string): void {
    this.script.push(text);
  }

  private check(what: string, actual: number | bigint, expected: number | bigint): void {
    this.compared++;
    this.note(`${what} = ${hex(actual)}`);
    if (BigInt(actual) === BigInt(expected)) return;
    assert.fail(
      `seed ${seed}: ${what}: ours ${hex(actual)}, QEMU ${hex(expected)}\n${this.script.slice(-25).join('\n')}`,
    );
  }

  async in(port: number, width: PortWidth = 1): Promise<number> {
    const expected = await this.qemu.read(port, width);
    this.check(`in ${hex(port)} ${width}`, this.ports.read(port, width), expected);
    return expected;
  }

  async out(port: number, value: number, width: PortWidth = 1): Promise<void> {
    this.note(`out ${hex(port)} ${width} ${hex(value)}`);
    this.ports.write(port, width, value);
    await this.qemu.write(port, value, width);
  }

  async read(address: bigint, width: MemoryWidth): Promise<bigint> {
    const expected = await this.qemu.readMemory(address, width);
    this.check(`read ${hex(address)} ${width}`, this.memory.read(address, width), expected);
    return expected;
  }

  async write(address: bigint, value: bigint, width: MemoryWidth): Promise<void> {
    this.note(`write ${hex(address)} ${width} ${hex(value)}`);
    this.memory.write(address, width, value);
    await this.qemu.writeMemory(address, value, width);
  }

  private async selectConfig(device: number, offset: number): Promise<void> {
    await this.out(0xcf8, (0x8000_0000 | (device << 11) | (offset & 0xfc)) >>> 0, 4);
  }

  async readConfig(device: number, offset: number, width: PortWidth): Promise<number> {
    await this.selectConfig(device, offset);
    return this.in(0xcfc + (offset & 3), width);
  }

  async writeConfig(
    device: number,
    offset: number,
    value: number,
    width: PortWidth,
  ): Promise<void> {
    await this.selectConfig(device, offset);
    await this.out(0xcfc + (offset & 3), value, width);
  }
}
