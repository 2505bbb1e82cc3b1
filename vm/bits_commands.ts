/** Codes of the commands of bs_match, as the loader writes them (loader/match_commands.ts). */
export const COMMAND_NONE: u32 = 0;
/** stride, unit */
export const COMMAND_ENSURE_AT_LEAST: u32 = 1;
/** bits */
export const COMMAND_ENSURE_EXACTLY: u32 = 2;
/** live, flags, size, unit, to */
export const COMMAND_INTEGER: u32 = 3;
/** live, flags, size, unit, to */
export const COMMAND_BINARY: u32 = 4;
/** bits */
export const COMMAND_SKIP: u32 = 5;
/** live, unit, to */
export const COMMAND_GET_TAIL: u32 = 6;
/** live, bits, value */
export const COMMAND_EQUAL: u32 = 7;
