/**
 * The terms of a process as text, with what is shared marked as shared: equal texts mean equal
 * graphs.
 */
import type { Probe } from './bin_probe.ts';

const kinds: Record<number, { name: string; first: number }> = {
  0: { name: 'tuple', first: 1 },
  2: { name: 'big+', first: 0 },
  3: { name: 'big-', first: 0 },
  4: { name: 'ref', first: 0 },
  5: { name: 'fun', first: 3 },
  6: { name: 'float', first: 0 },
  7: { name: 'export', first: 0 },
  12: { name: 'pid', first: 1 },
  13: { name: 'port', first: 1 },
  14: { name: 'extref', first: 1 },
  15: { name: 'map', first: 1 },
};

/**
 * Writes terms one after the other; objects are numbered in the order in which they are met first.
 */
export class HeapText {
  readonly view: DataView;
  readonly bytes: Buffer;
  readonly seen = new Map<number, number>();
  readonly out: string[] = [];
  constructor(probe: Probe) {
    this.view = probe.view();
    this.bytes = probe.bytes();
  }
  word(at: number): bigint {
    return this.view.getBigUint64(at, true);
  }
  private known(at: number): boolean {
    const number = this.seen.get(at);
    if (number !== undefined) {
      this.out.push(`^${number}`);
      return true;
    }
    this.seen.set(at, this.seen.size);
    return false;
  }
  private data(at: number, length: number): void {
    this.out.push(this.bytes.subarray(at, at + length).toString('hex'));
  }
  /** Write a term, and what it points to. */
  add(term: bigint): void {
    const todo: bigint[] = [term];
    while (todo.length) {
      const word = todo.pop()!;
      const tag = Number(word & 3n);
      if (tag === 0 || tag === 3 || word & (1n << 32n)) {
        this.out.push(word.toString(16));
        continue;
      }
      const at = Number(word & 0xffff_fffcn);
      if (at >= this.bytes.length)
        throw new Error(`bad pointer ${word.toString(16)} after ${this.out.slice(-20).join(' ')}`);
      if (this.known(at)) continue;
      if (tag === 1) {
        this.out.push('|');
        todo.push(this.word(at + 8), this.word(at));
      } else this.boxed(at, todo);
    }
  }
  private boxed(at: number, todo: bigint[]): void {
    const header = this.word(at);
    const subtag = Number((header >> 2n) & 15n);
    const words = Number((header >> 6n) & 0xffff_ffffn);
    this.out.push(`\n${header.toString(16)}`);
    if (subtag === 8) {
      this.out.push(`refc ${this.word(at + 8)} ${this.word(at + 24)} ${this.word(at + 40)}`);
      this.data(Number(this.word(at + 32)), Number(this.word(at + 8)));
    } else if (subtag === 9) this.data(at + 8, 8 * words);
    else if (subtag === 1) {
      // The data must be those of the binary, wherever it is now.
      const [position, end, data, owner] = [1, 2, 3, 4].map((i) => this.word(at + 8 * i));
      const from = Number(owner! & 0xffff_fffcn);
      const own =
        Number((this.word(from) >> 2n) & 15n) === 9 ? BigInt(from + 16) : this.word(from + 32);
      this.out.push(`match ${position} ${end} ${data! - own}`);
      todo.push(owner!);
    } else if (subtag === 10) {
      this.out.push(`sub ${this.word(at + 8)} ${this.word(at + 16)} ${this.word(at + 24)}`);
      todo.push(this.word(at + 32));
    } else {
      const kind = kinds[subtag];
      if (!kind) throw new Error(`unknown header ${header.toString(16)} at ${at.toString(16)}`);
      // Word 4 of a magic reference is the link of its list.
      const rawEnd = kind.first || (subtag === 4 ? Math.min(words + 1, 4) : words + 1);
      for (let i = 1; i < rawEnd; i++) this.out.push(this.word(at + 8 * i).toString(16));
      for (let i = words; kind.first && i >= kind.first; i--) todo.push(this.word(at + 8 * i));
    }
  }
  text(): string {
    return this.out.join(' ');
  }
}
