/**
 * The host's grant table (architecture D7): what the VM has claimed, and what is never given. Every
 * access to a port or to device memory is checked against it, so that a mistake in the VM cannot
 * reach hardware that nobody claimed. The rules, in this order, are the nucleus's.
 */
import {
  grantKinds,
  grantResults,
  physicalLimit,
  portCount,
  reservedMemory,
  reservedMemoryBytes,
  reservedPorts,
} from '../tables/grants.ts';
import { grantRowsMax, ioApicLines, pm1aControlPort } from '../tables/machine.ts';
import { keptMemory, vectors } from '../tables/memory_map.ts';
import type { MemoryRange } from './memory_layout.ts';

export interface Grant {
  readonly kind: number;
  readonly first: bigint;
  readonly count: bigint;
}

interface KindRule {
  readonly limit: bigint;
  readonly reserved: readonly (readonly [first: bigint, count: bigint])[];
}

export class GrantTable {
  private readonly rows: Grant[] = [];
  private readonly rules: ReadonlyMap<number, KindRule>;
  private readonly ports = new Uint8Array(portCount);

  /** The ranges of the machine's memory are no device. */
  constructor(memoryRanges: readonly MemoryRange[]) {
    const ports = [...reservedPorts, [pm1aControlPort, 2] as const];
    const ranges = memoryRanges.map(({ first, count }) => [first, count] as const);
    const memory = reservedMemory.map((first) => [first, reservedMemoryBytes] as const);
    this.rules = new Map([
      [
        grantKinds.ports,
        {
          limit: BigInt(portCount),
          reserved: ports.map(([first, count]) => [BigInt(first), BigInt(count)] as const),
        },
      ],
      [grantKinds.deviceMemory, { limit: physicalLimit, reserved: [...ranges, ...memory] }],
      [grantKinds.interruptLine, { limit: BigInt(ioApicLines), reserved: [] }],
      [
        grantKinds.messages,
        { limit: BigInt(vectors.lapicSpurious), reserved: [[0n, BigInt(vectors.message0)]] },
      ],
    ]);
  }

  grant(kind: number, first: bigint, count: bigint): number {
    const rule = this.rules.get(kind);
    if (rule === undefined || first < 0n || count <= 0n || first + count > rule.limit) {
      return grantResults.bad;
    }
    const meets = (otherFirst: bigint, otherCount: bigint) =>
      first < otherFirst + otherCount && otherFirst < first + count;
    if (this.rows.some((row) => row.kind === kind && meets(row.first, row.count))) {
      return grantResults.bad;
    }
    if (this.rows.length >= grantRowsMax) return grantResults.full;
    const isKept =
      kind === grantKinds.deviceMemory &&
      first === keptMemory.physical &&
      count === BigInt(keptMemory.bytes);
    if (!isKept && rule.reserved.some(([from, length]) => meets(from, length)))
      return grantResults.reserved;
    this.rows.push({ kind, first, count });
    this.markPorts(kind, first, count, 1);
    return grantResults.granted;
  }

  /** Whether there was such a grant. */
  revoke(kind: number, first: bigint, count: bigint): boolean {
    const at = this.rows.findIndex(
      (row) => row.kind === kind && row.first === first && row.count === count,
    );
    if (at < 0) return false;
    this.rows.splice(at, 1);
    this.markPorts(kind, first, count, 0);
    return true;
  }

  private markPorts(kind: number, first: bigint, count: bigint, value: number): void {
    if (kind === grantKinds.ports) this.ports.fill(value, Number(first), Number(first + count));
  }

  /** Every byte of the access must be granted; the grants may be different ones. */
  holdsPorts(port: number, count: number): boolean {
    for (let i = 0; i < count; i++) if (this.ports[port + i] !== 1) return false;
    return true;
  }

  /** One grant must hold the whole range. */
  holds(kind: number, first: bigint, count: bigint): boolean {
    return this.rows.some(
      (row) => row.kind === kind && first >= row.first && first + count <= row.first + row.count,
    );
  }
}
