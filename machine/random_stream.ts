/**
 * Named streams of random numbers from one seed: a draw in one stream does not shift another, so
 * that an old seed keeps its meaning when something new starts to draw. SplitMix64,
 * https://doi.org/10.1145/2714064.2660195.
 */
const golden = 0x9e37_79b9_7f4a_7c15n;

function mix(value: bigint): bigint {
  let z = BigInt.asUintN(64, value);
  z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n);
  z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn);
  return z ^ (z >> 31n);
}

export class RandomStream {
  private state: bigint;

  constructor(seed: bigint, name: string) {
    let hash = 0xcbf2_9ce4_8422_2325n;
    for (const byte of new TextEncoder().encode(name)) {
      hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100_0000_01b3n);
    }
    this.state = mix(seed ^ hash);
  }

  next64(): bigint {
    this.state = BigInt.asUintN(64, this.state + golden);
    return mix(this.state);
  }

  /** 0 to count - 1. */
  below(count: number): number {
    return Number(((this.next64() >> 32n) * BigInt(count)) >> 32n);
  }
}
