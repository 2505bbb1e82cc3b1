/**
 * Seeded random numbers for tests: xorshift32 (Marsaglia, https://doi.org/10.18637/jss.v008.i14).
 */
export class Rng {
  private state: number;

  constructor(seed: number) {
    // Zero would stay zero; multiplying keeps neighbouring seeds apart.
    this.state = Math.imul(seed + 1, 0x9e3779b1) | 1;
    for (let i = 0; i < 8; i++) this.next();
  }

  /** 32 bits. */
  next(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x >>> 0;
  }

  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }
}
