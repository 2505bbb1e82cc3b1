/**
 * Reads big-endian numbers and byte runs from a range of bytes; going past its end is a BeamError
 * that names the place.
 */
import { BeamError } from './beam_error.ts';

export class Reader {
  readonly bytes: Uint8Array;
  /** What is being read, for messages: `Code chunk`. */
  readonly place: string;
  private readonly view: DataView;
  private at = 0;

  constructor(bytes: Uint8Array, place: string) {
    this.bytes = bytes;
    this.place = place;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  get position(): number {
    return this.at;
  }
  get left(): number {
    return this.bytes.length - this.at;
  }
  fail(why: string): never {
    throw new BeamError(`${this.place}: ${why}`);
  }
  private advance(count: number): number {
    if (count > this.left) this.fail(`ends at byte ${this.bytes.length}, within an entry`);
    this.at += count;
    return this.at - count;
  }
  u8(): number {
    return this.bytes[this.advance(1)]!;
  }
  u16(): number {
    return this.view.getUint16(this.advance(2));
  }
  u32(): number {
    return this.view.getUint32(this.advance(4));
  }
  i32(): number {
    return this.view.getInt32(this.advance(4));
  }
  u64(): bigint {
    return this.view.getBigUint64(this.advance(8));
  }
  f64(): number {
    return this.view.getFloat64(this.advance(8));
  }
  take(count: number): Uint8Array {
    const from = this.advance(count);
    return this.bytes.subarray(from, from + count);
  }
  /** A table's number of entries, of which each takes at least `bytesEach` bytes. */
  count(bytesEach: number): number {
    const count = this.u32();
    if (count * bytesEach > this.left) this.fail('is too short for the entries it promises');
    return count;
  }
}
