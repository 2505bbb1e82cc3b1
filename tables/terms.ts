/**
 * Terms are 64-bit words (architecture D5), with OTP's tags so that sizes and the range of small integers agree with OTP's.
 *
 *   63                32 31                      2 1 0
 *  +--------------------+-------------------------+---+
 *  | 0, or 1 = literal  | offset in linear memory | t |   t = 1 list cell, 2 boxed object
 *  +--------------------+-------------------------+---+
 *  | payload                              | 4-bit tag |   immediates: ..11
 *  +--------------------------------------+-----------+
 *  | extra (26) | size in words (32) | subtag (4) | 00 |  header, first word of every boxed object
 *  +------------+--------------------+------------+----+
 *
 * Bit 32 of a pointer says that it points into a literal area: collectors and copiers leave it alone. The size in a header counts
 * the words that follow it, for every kind of object, so that walkers need no knowledge of kinds but `firstTerm`.
 * A word with primary tag 0 on a stack is a continuation (D9): `code address | kind << 32`, which collectors skip.
 * The word 0 is never a term: it means "no value".
 */
export const primaryTags = { header: 0, list: 1, boxed: 2, immediate: 3 } as const;

/** Low four bits of an immediate. */
export const immediateTags = { pid: 0x3, port: 0x7, immediate2: 0xb, small: 0xf } as const;

/** Low six bits of an immediate of the second kind. */
export const immediate2Tags = { atom: 0x0b, catch: 0x1b, nil: 0x3b } as const;

export const literalBit = 1n << 32n;

export interface BoxedKind {
  readonly name: string;
  /** Bits 2 to 5 of the header. */
  readonly subtag: number;
  /** Index of the first word that holds a term (the header is word 0); all later words are terms. 0: no word is a term. */
  readonly firstTerm: number;
  /** Names of the words after the header; the last may repeat (`...`). */
  readonly words: readonly string[];
  readonly doc: string;
}

export const boxedKinds: readonly BoxedKind[] = [
  { name: 'Tuple', subtag: 0, firstTerm: 1, words: ['element...'], doc: 'Arity = size.' },
  {
    name: 'MatchState',
    subtag: 1,
    firstTerm: 4,
    words: ['offsetBits', 'endBits', 'data', 'binary'],
    doc: 'A match context: raw bit position and end, both counted from the first bit of `data` (byte offset in linear memory), and the binary that owns them. `data` of a heap binary moves with it: collectors call matchStateMoved.',
  },
  {
    name: 'PositiveBig',
    subtag: 2,
    firstTerm: 0,
    words: ['digit...'],
    doc: 'Magnitude, 64-bit digits, least significant first, no leading zero digit; never a value that fits a small.',
  },
  {
    name: 'NegativeBig',
    subtag: 3,
    firstTerm: 0,
    words: ['digit...'],
    doc: 'As PositiveBig, negative.',
  },
  {
    name: 'Reference',
    subtag: 4,
    firstTerm: 0,
    words: ['high', 'low'],
    doc: 'A local reference of 96 bits: of its three 32-bit words, `low` holds word 0 (lowest) and word 1, `high` word 2. Extra bit 0 of the header: magic (word 3 = address of a resource, word 4 = next off-heap object; vm/off_heap.ts).',
  },
  {
    name: 'Fun',
    subtag: 5,
    firstTerm: 3,
    words: ['entry', 'arity', 'free...'],
    doc: 'A local fun: raw fun-entry address; arity of the call and, above its 8 bits, the number of the pid that made it; then the free variables.',
  },
  { name: 'Float', subtag: 6, firstTerm: 0, words: ['value'], doc: 'IEEE 754 double.' },
  {
    name: 'Export',
    subtag: 7,
    firstTerm: 0,
    words: ['entry'],
    doc: 'An external fun: address of its export entry.',
  },
  {
    name: 'RefcBinary',
    subtag: 8,
    firstTerm: 0,
    words: ['byteSize', 'next', 'object', 'data', 'flags'],
    doc: 'A reference to an off-heap binary object; `next` links the off-heap list of the owner.',
  },
  {
    name: 'HeapBinary',
    subtag: 9,
    firstTerm: 0,
    words: ['byteSize', 'data...'],
    doc: 'Up to 64 bytes, zero-padded to a word.',
  },
  {
    name: 'SubBinary',
    subtag: 10,
    firstTerm: 4,
    words: ['byteSize', 'byteOffset', 'bits', 'binary'],
    doc: 'A part of a HeapBinary or RefcBinary. bits: bit size of the tail (0..7) | bit offset << 8 | writable << 16. byteSize counts whole bytes.',
  },
  {
    name: 'ExternalPid',
    subtag: 12,
    firstTerm: 1,
    words: ['node', 'number', 'creation'],
    doc: 'Pid of another node: atom, small, small. Of the 64 bits serial << 32 | number, 59 are in number, the others above the 32 of creation.',
  },
  {
    name: 'ExternalPort',
    subtag: 13,
    firstTerm: 1,
    words: ['node', 'number', 'creation'],
    doc: 'Port of another node, its 64 bits as those of an ExternalPid.',
  },
  {
    name: 'ExternalReference',
    subtag: 14,
    firstTerm: 1,
    words: ['node', 'creation', 'word...'],
    doc: 'Reference of another node; words are smalls.',
  },
  {
    name: 'Map',
    subtag: 15,
    firstTerm: 1,
    words: ['sizeOrChild', 'keysOrChild', 'child...'],
    doc: 'extra bits 0..1: 0 flat map (small size, tuple of sorted keys, values), 1 inner node (children), 2 full root (small size, 16 children), 3 root (small size, children); extra bits 2..17: bitmap of a node or root.',
  },
];

/** Largest binary that lives on a process heap, in bytes. */
export const heapBinaryBytesMax = 64;
