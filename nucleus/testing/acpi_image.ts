/**
 * ACPI tables as a PC's firmware makes them, at 1 MiB of physical memory: the RSDP first, then the
 * XSDT and the tables that it names, 256 bytes each.
 */
import { FADT, MADT, MCFG, madtEntry, RSDP } from '../../tables/acpi.ts';

export const imageBase = 0x100000;
const headerBytes = 36;
const slotBytes = 256;
const firstSlot = 64;

export interface AcpiTable {
  readonly signature: string;
  /** What follows the header. */
  readonly body: Buffer;
}

/** Bytes with values of 1, 2, 4 or 8 bytes at offsets that count from the table's begin. */
export function tableBody(
  bytes: number,
  values: readonly (readonly [offset: number, size: 1 | 2 | 4 | 8, value: number])[],
): Buffer {
  const body = Buffer.alloc(bytes - headerBytes);
  for (const [offset, size, value] of values) {
    const at = offset - headerBytes;
    if (size === 8) body.writeBigUInt64LE(BigInt(value), at);
    else body.writeUIntLE(value, at, size);
  }
  return body;
}

/** Where table `index` lies. */
export const tableAddress = (index: number): number =>
  imageBase + firstSlot + slotBytes * (index + 1);

const s5 = [0x08, ...Buffer.from('_S5_'), 0x12, 0x08, 0x04, 0x0a, 0x05, 0x01, 0x00, 0x00];

/** Table 0, which the FADT of `usualTables` names. */
export const dsdt: AcpiTable = {
  signature: 'DSDT',
  body: Buffer.from([...Buffer.from('padding _S5 '), ...s5, ...Buffer.alloc(40)]),
};

/** PM ports, and what else is given: reset register, century. */
export function fadt(...more: readonly (readonly [number, 1 | 2 | 4 | 8, number])[]): AcpiTable {
  const body = tableBody(244, [
    [FADT.DSDT, 4, tableAddress(0)],
    [FADT.PM1a_CNT_BLK, 4, 0x604],
    [FADT.PM1b_CNT_BLK, 4, 0x704],
    [FADT.PM_TMR_BLK, 4, 0x608],
    [FADT.X_DSDT, 8, tableAddress(0)],
    ...more,
  ]);
  return { signature: FADT.signature, body };
}

/** An I/O APIC; line 9 level and active high, line 16 edge and active high; processors. */
export function madt(): AcpiTable {
  const { ioApic, interruptSourceOverride, localApic, localX2apic } = madtEntry;
  const entries: Buffer[] = [];
  const entry = (type: number, size: number, ...values: readonly (readonly [number, number])[]) => {
    const bytes = Buffer.alloc(size);
    bytes.set([type, size]);
    for (const [offset, value] of values) bytes.writeUInt32LE(value, offset);
    entries.push(bytes);
  };
  entry(ioApic.type, ioApic.size, [ioApic.address, 0xfec0_0000]);
  for (const [line, flags] of [
    [9, 0x0d],
    [16, 0x05],
  ] as const) {
    const { type, size, gsi } = interruptSourceOverride;
    entry(type, size, [gsi, line]);
    entries.at(-1)?.writeUInt16LE(flags, interruptSourceOverride.flags);
  }
  entry(localApic.type, localApic.size, [localApic.flags, 1]);
  // One that is there but does not work, and one with a large identifier.
  entry(localApic.type, localApic.size, [localApic.flags, 0]);
  entry(localX2apic.type, localX2apic.size, [4, 300], [localX2apic.flags, 1]);
  const head = Buffer.alloc(MADT.entries - headerBytes);
  head.writeUInt32LE(0xfee0_0000, MADT.LocalApicAddress - headerBytes);
  return { signature: MADT.signature, body: Buffer.concat([head, ...entries]) };
}

export const hpetTable = (address: number, space = 0): AcpiTable => ({
  signature: 'HPET',
  body: tableBody(56, [
    [40, 1, space],
    [44, 8, address],
  ]),
});

export const dmar = (flags: number): AcpiTable => ({
  signature: 'DMAR',
  body: tableBody(48, [[37, 1, flags]]),
});

/** Allocations of [base, segment, first bus, last bus]. */
export function mcfg(...rows: readonly (readonly [number, number, number, number])[]): AcpiTable {
  const { allocations, allocation } = MCFG;
  const values = rows.flatMap(([base, segment, first, last], index) => {
    const at = allocations + index * allocation.size;
    return [
      [at + allocation.base, 8, base],
      [at + allocation.segment, 2, segment],
      [at + allocation.firstBus, 1, first],
      [at + allocation.lastBus, 1, last],
    ] as const;
  });
  const body = tableBody(allocations + rows.length * allocation.size, values);
  return { signature: MCFG.signature, body };
}

function checksum(bytes: Buffer, place: number): void {
  bytes[place] = 0;
  bytes[place] = -bytes.reduce((total, byte) => total + byte, 0) & 0xff;
}

/** RSDP and XSDT before the tables, which it names in this order. */
export function acpiImage(tables: readonly AcpiTable[]): Buffer {
  const image = Buffer.alloc(firstSlot + slotBytes * (tables.length + 1));
  const place = (start: number, { signature, body }: AcpiTable): void => {
    const bytes = image.subarray(start, start + headerBytes + body.length);
    if (body.length > slotBytes - headerBytes) throw new Error(`${signature} is too long`);
    bytes.write(signature, 0, 'latin1');
    bytes.writeUInt32LE(bytes.length, 4);
    bytes.set(body, headerBytes);
    checksum(bytes, 9);
  };
  image.write(RSDP.signature, 0, 'latin1');
  image[RSDP.Revision] = 2;
  image.writeUInt32LE(36, RSDP.Length);
  image.writeBigUInt64LE(BigInt(imageBase + firstSlot), RSDP.XsdtAddress);
  checksum(image.subarray(0, 20), 8);
  checksum(image.subarray(0, 36), 32);
  const pointers = Buffer.alloc(8 * tables.length);
  for (const index of tables.keys()) {
    pointers.writeBigUInt64LE(BigInt(tableAddress(index)), 8 * index);
    place(firstSlot + slotBytes * (index + 1), tables[index] as AcpiTable);
  }
  place(firstSlot, { signature: 'XSDT', body: pointers });
  return image;
}
