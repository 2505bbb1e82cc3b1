/**
 * Compiled patterns. A program is one block that several runs may use at the same time:
 *
 * +--------+-------------------------+-----------+----------------+
 * | header | code, 32-bit words      | classes   | table of names |
 * +--------+-------------------------+-----------+----------------+
 *
 * Code is made by emit.ts and run by match.ts, which trusts it: programs never leave the VM. What
 * re:compile returns holds the pattern itself, from which a program is made again when need be
 * (cache.ts).
 */

// ---- header, offsets of u32

export const P_REFERENCES: u32 = 0;
export const P_BYTES: u32 = 4;
export const P_OPTIONS: u32 = 8;
export const P_FLAGS: u32 = 12;
/** First byte of every match, and the last byte that every match has; second byte: other case. */
export const P_FIRST: u32 = 16;
export const P_REQUIRED: u32 = 20;
export const P_CAPTURES: u32 = 24;
export const P_LOOPS: u32 = 28;
/** Offsets from the beginning of the program. */
export const P_CLASSES: u32 = 32;
export const P_NAMES: u32 = 36;
export const P_NAME_COUNT: u32 = 40;
export const P_MATCH_LIMIT: u32 = 44;
export const P_DEPTH_LIMIT: u32 = 48;
/** For cache.ts: the pattern's key, and the next program of the same hash. */
export const P_KEY: u32 = 52;
export const P_KEY_BYTES: u32 = 56;
export const P_HASH: u32 = 60;
export const P_NEXT: u32 = 64;
export const P_USED: u32 = 68;
export const P_CODE: u32 = 72;

export const FLAG_ANCHORED: u32 = 1;
export const FLAG_STARTLINE: u32 = 2;
export const FLAG_FIRST: u32 = 4;
export const FLAG_REQUIRED: u32 = 8;
export const FLAG_HAS_NEWLINE: u32 = 16;

// ---- names: {u32 number, u32 bytes, text padded to 32 bytes}

export const NAME_NUMBER: u32 = 0;
export const NAME_LENGTH: u32 = 4;
export const NAME_TEXT: u32 = 8;
export const NAME_ENTRY_BYTES: u32 = 40;

// ---- instructions: operation | small operand << 8, then operands. Targets are word offsets.

/** The pattern matches. */
export const OP_END: u32 = 0;
/** small: number of bytes; the bytes, padded to words. */
export const OP_LITERAL: u32 = 1;
/** small: unit; a, b. One character. */
export const OP_UNIT: u32 = 2;
/** small: unit | mode << 8; a, b, least, most. */
export const OP_REPEAT: u32 = 3;
export const OP_NEWLINE: u32 = 4;
export const OP_CLUSTER: u32 = 5;
/** target: where to go on when what follows fails. */
export const OP_ALTERNATIVE: u32 = 6;
export const OP_JUMP: u32 = 7;
/** small: group. */
export const OP_OPEN: u32 = 8;
export const OP_CLOSE: u32 = 9;
/** small: loop. */
export const OP_LOOP_START: u32 = 10;
/** small: loop; least, most, mode, target behind the loop. */
export const OP_LOOP_TEST: u32 = 11;
/** small: loop; target of the test. */
export const OP_LOOP_NEXT: u32 = 12;
/** Numbers of captures before the group and behind it. */
export const OP_ATOMIC: u32 = 13;
export const OP_ATOMIC_END: u32 = 14;
/**
 * small: 1 negative, 2 condition; captures before, after; target when it fails, 0 = backtrack; its
 * end.
 */
export const OP_ASSERT: u32 = 15;
export const OP_ASSERT_END: u32 = 16;
/** The body of a negative assertion matches; target, 0 = backtrack. */
export const OP_ASSERT_NOT_END: u32 = 17;
/** small: characters to step back. */
export const OP_BACK: u32 = 18;
/** small: 1 caseless; count, groups: a reference to the first of them that is set. */
export const OP_REFERENCE: u32 = 19;
/** small: group; target. */
export const OP_CALL: u32 = 20;
/** target when not; count, groups: whether one of them is set. */
export const OP_IF_CAPTURE: u32 = 21;
/** The same: whether a call of one of them, or with count 0 any, is under way. */
export const OP_IF_CALL: u32 = 22;
/** small: assertion. */
export const OP_ASSERTION: u32 = 23;
export const OP_KEEP: u32 = 24;
/** small: verb; a: the alternative of THEN, or offset of the name in the code; b: its bytes. */
export const OP_VERB: u32 = 25;
export const OP_FAIL: u32 = 26;
/** small: group. It ends here, because (*ACCEPT) follows. */
export const OP_SET: u32 = 27;

/** small: loop. An iteration begins. */
export const OP_LOOP_BODY: u32 = 28;

// ---- units

export const UNIT_CHARACTER: u32 = 0;
export const UNIT_EITHER: u32 = 1;
/** a: offset of a case set from CASE_SETS. */
export const UNIT_SET: u32 = 2;
/** The next three are the first three, negated. */
export const UNIT_NOT: u32 = 3;
export const UNIT_NEITHER: u32 = 4;
export const UNIT_NOT_SET: u32 = 5;
export const UNIT_DOT: u32 = 6;
export const UNIT_ANY: u32 = 7;
export const UNIT_BYTE: u32 = 8;
/** a: offset of the record from the classes. */
export const UNIT_CLASS: u32 = 9;
/** b: 1 negated, TYPE_NARROW. */
export const UNIT_TYPE: u32 = 10;
export const UNIT_PROPERTY: u32 = 11;

/** The obligatory characters of a repeat are of the type only below 128. */
export const TYPE_NARROW: u32 = 2;
