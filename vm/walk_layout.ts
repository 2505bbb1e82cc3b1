/**
 * What a walk that was put aside looks like (vm/walk.ts).
 *
 *   P_WALK -> +------+------+-----+-----+---+---+---+----------+--------+------+--------+
 *             | kind | base | top | end | a | b | c | fragment | record | next | object |
 *             +------+------+-----+-----+---+---+---+----------+--------+------+--------+
 *             | batch | left | right |
 *             +-------+------+-------+
 *
 * base, top, end: the work stack. `left`, `right`: the terms that the walk is about, if any. `next`
 * is a walk inside which this one is, which was left first: an insertion of a list into a table,
 * and the copying of one of its elements.
 */
export const WALK_SIZE: u32 = 1;
export const WALK_COPY: u32 = 2;
export const WALK_ORDER: u32 = 3;
export const WALK_EQUAL: u32 = 4;
export const WALK_HASH: u32 = 5;
/** A copy into an object of a table. */
export const WALK_OBJECT: u32 = 6;
/** A list being inserted into a table: the walk's block is a part of the insertion's. */
export const WALK_INSERTION: u32 = 7;
/** A list being made of the objects with one key. */
export const WALK_LOOKUP: u32 = 8;
/** The length of a list. */
export const WALK_LENGTH: u32 = 9;
/** A large tuple being filled (vm/large_tuple.ts). */
export const WALK_FILL: u32 = 10;
/** A term being displayed (vm/print_term.ts). */
export const WALK_PRINT: u32 = 11;
/** Chardata being read (vm/characters.ts). */
export const WALK_CHARACTERS: u32 = 12;

/** A copy that keeps sharing: the walk's block is a part of its own (vm/shared_copy.ts). */
export const WALK_SHARED: u32 = 13;
/** A term being hashed as a key. */
export const WALK_KEY: u32 = 14;
/** In the kind: the walk is over, its result is in `a`. */
export const WALK_OVER: u32 = 64;

export const KIND: u32 = 0;
export const STACK: u32 = 4;
export const A: u32 = 16;
export const B: u32 = 24;
export const C: u32 = 32;
export const FRAGMENT: u32 = 40;
export const RECORD: u32 = 44;
export const RECORD_BYTES: u32 = 40;
export const NEXT: u32 = RECORD + RECORD_BYTES;
/** An object of a table that is read, and therefore pinned, or 0. */
export const OBJECT: u32 = NEXT + 4;
/** The batch of literal areas at that time (vm/literal_areas.ts): copies depend on it. */
export const BATCH: u32 = OBJECT + 4;
/** What a walk over one or two terms is about. */
export const LEFT: u32 = BATCH + 4;
export const RIGHT: u32 = LEFT + 8;
export const WALK_BYTES: u32 = RIGHT + 8;
