/** The console on the serial line: what both ends of it know. */

/**
 * What is typed behind the end of a pipe or file: a serial line has no other way to say that there
 * is no more. Neither a key nor garbage may mean it. os/vbeam/src/vbeam_console.erl has it, too.
 */
export const endOfInput = '\0vbeam: end of input\0';
