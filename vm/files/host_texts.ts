/**
 * Command line and environment of the program that the host runs the VM as, when they are the
 * guest's (tables/host_files.ts, `argument` and `variable`).
 */
import { allocate, release } from '../alloc';
import { E2BIG, FILE_ARGUMENT, FILE_PROCESS_ID, FILE_VARIABLE } from '../gen/files';
import { hostDescriptor, hostTransfer, TEXT_BYTES, textBuffer } from './host_files';

/** Longest word of Linux (MAX_ARG_STRLEN). */
const WORD_BYTES: u32 = 131_072;

/** Where the last text is. */
export let hostText: usize = textBuffer;
let large: usize = 0;

/** Text number `index` goes to hostText: its bytes, or a negative error number behind the last. */
function textOf(operation: u32, index: u32): i64 {
  hostText = textBuffer;
  const bytes = hostTransfer(operation, 0, index as i64, textBuffer, TEXT_BYTES);
  if (bytes != E2BIG) return bytes;
  if (!large) large = allocate(WORD_BYTES);
  if (!large) return bytes;
  hostText = large;
  return hostTransfer(operation, 0, index as i64, large, WORD_BYTES);
}
export function hostArgument(index: u32): i64 {
  return textOf(FILE_ARGUMENT, index);
}
export function hostVariable(index: u32): i64 {
  return textOf(FILE_VARIABLE, index);
}
/** Give memory for long texts back. */
export function hostTextsRead(): void {
  release(large);
  large = 0;
}
/** The host gave its guest a command line to obey: the VM stands in for a program. */
export let isProgram: bool = false;
export function initProgram(): void {
  isProgram = hostArgument(0) >= 0;
}
/** Number of the host's process, negative when the guest is to have none of its own. */
export function hostProcessId(): i64 {
  return hostDescriptor(FILE_PROCESS_ID, 0, 0, 0);
}
