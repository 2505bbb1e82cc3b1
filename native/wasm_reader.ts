/**
 * Reads the primitive values of WebAssembly's binary format: bytes, LEB128 integers, names, byte
 * vectors.
 * https://webassembly.github.io/spec/core/binary/values.html
 */

/** A module that is malformed, invalid, or needs a feature that the emitter does not have. */
export class WasmError extends Error {
  override name = 'WasmError';
}

export class WasmReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  position: number;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.position >= this.end;
  }

  fail(problem: string): never {
    throw new WasmError(`at byte 0x${this.position.toString(16)}: ${problem}`);
  }

  private take(count: number): number {
    if (count > this.end - this.position) this.fail('unexpected end');
    const start = this.position;
    this.position += count;
    return start;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  /** Four bytes that are no LEB128 number: the magic and the version. */
  fixedU32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** The bits of an f32; a JavaScript number would not keep a signalling NaN. */
  f32Bits(): number {
    return this.fixedU32();
  }

  f64Bits(): bigint {
    return this.view.getBigUint64(this.take(8), true);
  }

  u32(): number {
    return Number(this.leb(32, false));
  }

  s32(): number {
    return Number(this.leb(32, true));
  }

  s33(): number {
    return Number(this.leb(33, true));
  }

  s64(): bigint {
    return this.leb(64, true);
  }

  /**
   * The encoding may be longer than needed, but not longer than ceil(bits / 7) bytes nor with stray
   * high bits.
   */
  private leb(bits: number, signed: boolean): bigint {
    let value = 0n;
    let shift = 0;
    for (;;) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << BigInt(shift);
      shift += 7;
      if ((byte & 0x80) !== 0) {
        if (shift >= bits) this.fail('integer representation too long');
        continue;
      }
      if (signed) value = BigInt.asIntN(shift, value);
      const wrapped = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
      if (wrapped !== value) this.fail('integer too large');
      return wrapped;
    }
  }

  /** The next `count` bytes, not copied. */
  slice(count: number): Uint8Array {
    const start = this.take(count);
    return this.bytes.subarray(start, start + count);
  }

  /**
   * A reader of the next `count` bytes, which this reader skips. Positions stay those of the file.
   */
  sub(count: number): WasmReader {
    const start = this.take(count);
    return new WasmReader(this.bytes, start, start + count);
  }

  string(): string {
    const bytes = this.slice(this.u32());
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return this.fail('malformed UTF-8 encoding');
    }
  }

  /** A vector: its length, then as many items. */
  vector<T>(item: (index: number) => T): T[] {
    const count = this.u32();
    if (count > this.end - this.position) this.fail('length out of bounds');
    return Array.from({ length: count }, (_, index) => item(index));
  }
}
