/**
 * A bootable disk image: GPT (UEFI 2.10, section 5.3) with one EFI system partition, FAT32
 * (Microsoft FAT specification 1.03), that holds EFI/BOOT/BOOTX64.EFI and VBEAM/BOOT.TAR.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

const SECTOR = 512;
const PARTITION_START = 2048;
const RESERVED_SECTORS = 32;
const FATS = 2;
const SECTORS_PER_CLUSTER = 1;
/** FAT32 needs at least this many clusters; fewer would make it a FAT16 by definition. */
const CLUSTERS_MIN = 65525;
const GPT_ENTRIES = 128;
const GPT_ENTRY_BYTES = 128;
const END_OF_CHAIN = 0x0fff_ffff;
const ATTRIBUTE_DIRECTORY = 0x10;
const ATTRIBUTE_ARCHIVE = 0x20;
/** EFI system partition. */
const ESP_TYPE = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';

interface Directory {
  readonly name: string;
  readonly children: readonly Node[];
}
interface FileNode {
  readonly name: string;
  readonly bytes: Uint8Array;
}
type Node = Directory | FileNode;

function isDirectory(node: Node): node is Directory {
  return 'children' in node;
}

/** A GUID's bytes: the first three fields little-endian. */
function guidBytes(text: string): Buffer {
  const hex = Buffer.from(text.replaceAll('-', ''), 'hex');
  const bytes = Buffer.from(hex);
  bytes.set([hex[3]!, hex[2]!, hex[1]!, hex[0]!, hex[5]!, hex[4]!, hex[7]!, hex[6]!]);
  return bytes;
}

/** A GUID made from the content, so that equal contents give equal images. */
function guidFrom(seed: string): Buffer {
  const bytes = createHash('sha256').update(seed).digest().subarray(0, 16);
  bytes[7] = (bytes[7]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return Buffer.from(bytes);
}

/** Name in the 8.3 form of a directory entry; all names here fit. */
function shortName(name: string): Buffer {
  const [base, extension = ''] = name.split('.');
  return Buffer.from(`${base!.padEnd(8)}${extension.padEnd(3)}`, 'latin1');
}

/** FAT32 volume: clusters are handed out one after the other. */
class Fat32 {
  private readonly fat: number[] = [0x0fff_fff8, END_OF_CHAIN];
  private readonly clusters: Buffer[] = [];

  /** Put bytes into fresh clusters; the first cluster's number (0 for no bytes). */
  private store(bytes: Uint8Array): number {
    const size = SECTOR * SECTORS_PER_CLUSTER;
    const count = Math.ceil(bytes.length / size);
    const first = this.fat.length;
    for (let i = 0; i < count; i++) {
      const cluster = Buffer.alloc(size);
      cluster.set(bytes.subarray(i * size, (i + 1) * size));
      this.clusters.push(cluster);
      this.fat.push(i === count - 1 ? END_OF_CHAIN : first + i + 1);
    }
    return count ? first : 0;
  }

  private entry(name: Buffer, attribute: number, cluster: number, bytes: number): Buffer {
    const entry = Buffer.alloc(32);
    name.copy(entry);
    entry[11] = attribute;
    entry.writeUInt16LE(cluster >>> 16, 20);
    // 1980-01-01, the first date there is: images do not depend on when they are made.
    entry.writeUInt16LE(0x21, 24);
    entry.writeUInt16LE(cluster & 0xffff, 26);
    entry.writeUInt32LE(bytes, 28);
    return entry;
  }

  /**
   * Children first, so that their clusters are known; `..` is filled in by the parent, whose
   * cluster comes later.
   */
  private directory(
    children: readonly Node[],
    isRoot: boolean,
  ): { cluster: number; subdirectories: number[] } {
    const entries: Buffer[] = [];
    const subdirectories: number[] = [];
    if (!isRoot) {
      entries.push(this.entry(Buffer.from('.          ', 'latin1'), ATTRIBUTE_DIRECTORY, 0, 0));
      entries.push(this.entry(Buffer.from('..         ', 'latin1'), ATTRIBUTE_DIRECTORY, 0, 0));
    }
    for (const child of children) {
      if (isDirectory(child)) {
        const made = this.directory(child.children, false);
        subdirectories.push(made.cluster);
        for (const below of made.subdirectories) this.setParent(below, made.cluster);
        entries.push(this.entry(shortName(child.name), ATTRIBUTE_DIRECTORY, made.cluster, 0));
      } else {
        const cluster = this.store(child.bytes);
        entries.push(
          this.entry(shortName(child.name), ATTRIBUTE_ARCHIVE, cluster, child.bytes.length),
        );
      }
    }
    const cluster = this.store(Buffer.concat([...entries, Buffer.alloc(32)]));
    if (!isRoot) this.patchCluster(cluster, 0, cluster);
    return { cluster, subdirectories };
  }
  private setParent(directory: number, parent: number): void {
    this.patchCluster(directory, 32, parent);
  }
  private patchCluster(directory: number, offset: number, cluster: number): void {
    const bytes = this.clusters[directory - 2]!;
    bytes.writeUInt16LE(cluster >>> 16, offset + 20);
    bytes.writeUInt16LE(cluster & 0xffff, offset + 26);
  }

  /** The whole volume; `hiddenSectors` lie before it on the disk. */
  build(children: readonly Node[], hiddenSectors: number): Buffer {
    const { cluster: rootCluster } = this.directory(children, true);
    const clusterCount = Math.max(this.clusters.length + 16, CLUSTERS_MIN + 16);
    const fatSectors = Math.ceil(((clusterCount + 2) * 4) / SECTOR);
    const dataStart = RESERVED_SECTORS + FATS * fatSectors;
    const total = dataStart + clusterCount * SECTORS_PER_CLUSTER;
    const volume = Buffer.alloc(total * SECTOR);
    const boot = bootSector(total, fatSectors, rootCluster, hiddenSectors);
    boot.copy(volume, 0);
    boot.copy(volume, 6 * SECTOR);
    const info = infoSector(clusterCount - this.clusters.length, this.fat.length);
    info.copy(volume, SECTOR);
    info.copy(volume, 7 * SECTOR);
    for (let copy = 0; copy < FATS; copy++) {
      const at = (RESERVED_SECTORS + copy * fatSectors) * SECTOR;
      this.fat.forEach((value, i) => {
        volume.writeUInt32LE(value, at + i * 4);
      });
    }
    this.clusters.forEach((cluster, i) => {
      cluster.copy(volume, dataStart * SECTOR + i * cluster.length);
    });
    return volume;
  }
}

function bootSector(total: number, fatSectors: number, root: number, hidden: number): Buffer {
  const boot = Buffer.alloc(SECTOR);
  boot.set([0xeb, 0x58, 0x90]);
  boot.write('VBEAM   ', 3, 'latin1');
  boot.writeUInt16LE(SECTOR, 11);
  boot[13] = SECTORS_PER_CLUSTER;
  boot.writeUInt16LE(RESERVED_SECTORS, 14);
  boot[16] = FATS;
  boot[21] = 0xf8;
  boot.writeUInt16LE(63, 24);
  boot.writeUInt16LE(255, 26);
  boot.writeUInt32LE(hidden, 28);
  boot.writeUInt32LE(total, 32);
  boot.writeUInt32LE(fatSectors, 36);
  boot.writeUInt32LE(root, 44);
  boot.writeUInt16LE(1, 48);
  boot.writeUInt16LE(6, 50);
  boot[64] = 0x80;
  boot[66] = 0x29;
  boot.writeUInt32LE(0x5642_4541, 67);
  boot.write('VBEAM      FAT32   ', 71, 'latin1');
  boot.writeUInt16LE(0xaa55, 510);
  return boot;
}

function infoSector(freeClusters: number, nextFree: number): Buffer {
  const info = Buffer.alloc(SECTOR);
  info.writeUInt32LE(0x4161_5252, 0);
  info.writeUInt32LE(0x6141_7272, 484);
  info.writeUInt32LE(freeClusters, 488);
  info.writeUInt32LE(nextFree, 492);
  info.writeUInt32LE(0xaa55_0000, 508);
  return info;
}

/** The protective MBR that keeps tools without GPT away. */
function protectiveMbr(totalSectors: number): Buffer {
  const mbr = Buffer.alloc(SECTOR);
  mbr.set([0x00, 0x00, 0x02, 0x00, 0xee, 0xff, 0xff, 0xff], 446);
  mbr.writeUInt32LE(1, 454);
  mbr.writeUInt32LE(Math.min(totalSectors - 1, 0xffff_ffff), 458);
  mbr.writeUInt16LE(0xaa55, 510);
  return mbr;
}

function gptEntries(first: number, last: number, seed: string): Buffer {
  const entries = Buffer.alloc(GPT_ENTRIES * GPT_ENTRY_BYTES);
  guidBytes(ESP_TYPE).copy(entries, 0);
  guidFrom(`${seed} partition`).copy(entries, 16);
  entries.writeBigUInt64LE(BigInt(first), 32);
  entries.writeBigUInt64LE(BigInt(last), 40);
  entries.write('VBEAM', 56, 'utf16le');
  return entries;
}

function gptHeader(
  self: number,
  other: number,
  total: number,
  tableAt: number,
  entries: Buffer,
  seed: string,
): Buffer {
  const header = Buffer.alloc(SECTOR);
  header.write('EFI PART', 0, 'latin1');
  header.writeUInt32LE(0x0001_0000, 8);
  header.writeUInt32LE(92, 12);
  header.writeBigUInt64LE(BigInt(self), 24);
  header.writeBigUInt64LE(BigInt(other), 32);
  header.writeBigUInt64LE(34n, 40);
  header.writeBigUInt64LE(BigInt(total - 34), 48);
  guidFrom(`${seed} disk`).copy(header, 56);
  header.writeBigUInt64LE(BigInt(tableAt), 72);
  header.writeUInt32LE(GPT_ENTRIES, 80);
  header.writeUInt32LE(GPT_ENTRY_BYTES, 84);
  header.writeUInt32LE(crc(entries), 88);
  header.writeUInt32LE(crc(header.subarray(0, 92)), 16);
  return header;
}

/** CRC-32 (IEEE 802.3). zlib.crc32 came with Node 20.15; this is its definition for older ones. */
function crc(bytes: Uint8Array): number {
  if (typeof crc32 === 'function') return crc32(bytes);
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb8_8320 : 0);
  }
  return ~value >>> 0;
}

/** A disk image with the kernel and its boot archive. A pure function of both. */
export function diskImage(efi: Uint8Array, archive: Uint8Array): Uint8Array {
  const seed = createHash('sha256').update(efi).update(archive).digest('hex');
  const volume = new Fat32().build(
    [
      {
        name: 'EFI',
        children: [{ name: 'BOOT', children: [{ name: 'BOOTX64.EFI', bytes: efi }] }],
      },
      { name: 'VBEAM', children: [{ name: 'BOOT.TAR', bytes: archive }] },
    ],
    PARTITION_START,
  );
  const last = PARTITION_START + volume.length / SECTOR - 1;
  const total = last + 1 + 34;
  const entries = gptEntries(PARTITION_START, last, seed);
  const image = Buffer.alloc(total * SECTOR);
  protectiveMbr(total).copy(image, 0);
  gptHeader(1, total - 1, total, 2, entries, seed).copy(image, SECTOR);
  entries.copy(image, 2 * SECTOR);
  volume.copy(image, PARTITION_START * SECTOR);
  entries.copy(image, (total - 33) * SECTOR);
  gptHeader(total - 1, 1, total, total - 33, entries, seed).copy(image, (total - 1) * SECTOR);
  return image;
}
