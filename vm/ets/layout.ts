/**
 * The record of an ETS table: field offsets, and what the numbers in them mean.
 * A table is found by its number (that of the reference that stands for it) and, when it is named,
 * by its name.
 */

// Identity; the number and the name are keys of the registries in vm/ets/tables.ts.
export const T_NUMBER: u32 = 0;
export const T_NAME: u32 = 8;
export const T_OWNER: u32 = 16;
/** Pid of the heir, or 0. */
export const T_HEIR: u32 = 24;
/** Message fragment with the heir's data, or 0. */
export const T_HEIR_DATA: u32 = 32;
export const T_TYPE: u32 = 36;
export const T_ACCESS: u32 = 40;
export const T_FLAGS: u32 = 44;
export const T_KEYPOS: u32 = 48;

// Links: of the registries, of the owner's tables, of all tables.
export const T_NEXT_NUMBER: u32 = 52;
export const T_NEXT_NAME: u32 = 56;
export const T_NEXT_OWNED: u32 = 60;
export const T_PREVIOUS_OWNED: u32 = 64;
export const T_NEXT: u32 = 68;
export const T_PREVIOUS: u32 = 72;

// Contents.
/** Objects that can be seen. */
export const T_COUNT: u32 = 76;
/** Words of memory in use (u64). */
export const T_WORDS: u32 = 80;
/** How often the table is fixed now. */
export const T_FIXES: u32 = 88;
/** First fixation record. */
export const T_FIXATIONS: u32 = 92;
/** When it was first fixed, ns since boot (i64). */
export const T_FIXED_AT: u32 = 96;

// Hash tables.
export const T_DIRECTORY: u32 = 104;
export const T_DIRECTORY_SIZE: u32 = 108;
export const T_ACTIVE: u32 = 112;
export const T_MASK: u32 = 116;
/** First object deleted while the table was fixed. */
export const T_GONE: u32 = 120;

// Ordered sets.
export const T_ROOT: u32 = 124;

/** The resource that the table's reference terms refer to. */
export const T_RESOURCE: u32 = 128;

/** A list that is being inserted (vm/ets/insertion.ts), or 0. */
export const T_INSERTION: u32 = 132;

/** Locks that were asked for; there are none, the number is only told. */
export const T_LOCKS: u32 = 136;

/** P_SERIAL of the heir: a pid may have come to be somebody else's. */
export const T_HEIR_SERIAL: u32 = 140;

export const TABLE_BYTES: u32 = 144;

export const TYPE_SET: u32 = 0;
export const TYPE_BAG: u32 = 1;
export const TYPE_DUPLICATE_BAG: u32 = 2;
export const TYPE_ORDERED_SET: u32 = 3;

export const ACCESS_PRIVATE: u32 = 0;
export const ACCESS_PROTECTED: u32 = 1;
export const ACCESS_PUBLIC: u32 = 2;

export const FLAG_NAMED: u32 = 1;
export const FLAG_COMPRESSED: u32 = 2;
export const FLAG_READ_CONCURRENCY: u32 = 4;
export const FLAG_WRITE_CONCURRENCY: u32 = 8;
export const FLAG_WRITE_AUTO: u32 = 16;
export const FLAG_DECENTRALIZED: u32 = 32;
