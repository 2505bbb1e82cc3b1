/**
 * The table with which the nucleus turns return addresses into names:
 *
 *     u32 count
 *     count times, by ascending address: u32 offset from the image's base, u32 offset of its name
 *     the names, each ended by a zero byte; name offsets count from the begin of the table
 *
 * Names depend only on what is linked, addresses also on the layout, so the size is known before
 * the addresses are.
 */
export interface NamedFunction {
  readonly name: string;
  readonly address: bigint;
}

const encoder = new TextEncoder();

export function symbolTableBytes(functions: readonly NamedFunction[], base: bigint): Uint8Array {
  const sorted = [...functions].sort((a, b) =>
    a.address === b.address ? (a.name < b.name ? -1 : 1) : a.address < b.address ? -1 : 1,
  );
  const names = sorted.map(({ name }) => encoder.encode(`${name}\0`));
  const namesStart = 4 + 8 * sorted.length;
  const size = names.reduce((sum, name) => sum + name.length, namesStart);
  const bytes = new Uint8Array(Math.ceil(size / 8) * 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, sorted.length, true);
  let nameOffset = namesStart;
  for (const [index, { address }] of sorted.entries()) {
    view.setUint32(4 + 8 * index, Number(address - base), true);
    view.setUint32(8 + 8 * index, nameOffset, true);
    bytes.set(names[index] as Uint8Array, nameOffset);
    nameOffset += names[index]?.length ?? 0;
  }
  return bytes;
}
