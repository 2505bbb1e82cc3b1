/** Newlines in the subject, by the convention of the run (pcrepattern(3), Newline conventions). */
import { NEWLINE_ANY, NEWLINE_CR, NEWLINE_CRLF } from './pattern';
import { newline, subject, subjectEnd, utf } from './match_state';

/** Bytes of the newline at `at`; 0 when there is none. */
export function newlineAt(at: usize): u32 {
  if (at >= subjectEnd) return 0;
  const c = load<u8>(at) as u32;
  if (newline <= NEWLINE_CRLF) {
    if (newline == NEWLINE_CRLF)
      return c == 13 && at + 1 < subjectEnd && load<u8>(at, 1) == 10 ? 2 : 0;
    return c == (newline == NEWLINE_CR ? 13 : 10) ? 1 : 0;
  }
  if (c == 13) return at + 1 < subjectEnd && load<u8>(at, 1) == 10 ? 2 : 1;
  if (c == 10) return 1;
  return newline == NEWLINE_ANY ? otherNewlineAt(at) : 0;
}
/** VT, FF, NEL, line and paragraph separator. */
export function otherNewlineAt(at: usize): u32 {
  const c = load<u8>(at) as u32;
  if (c == 11 || c == 12) return 1;
  if (!utf) return c == 0x85 ? 1 : 0;
  const left = (subjectEnd - at) as u32;
  if (c == 0xc2) return left > 1 && load<u8>(at, 1) == 0x85 ? 2 : 0;
  if (c != 0xe2 || left < 3 || load<u8>(at, 1) != 0x80) return 0;
  return (load<u8>(at, 2) & 0xfe) == 0xa8 ? 3 : 0;
}
/** A newline ends at `at`. */
export function newlineBefore(at: usize): bool {
  if (at <= subject) return false;
  const c = load<u8>(at - 1) as u32;
  if (newline <= NEWLINE_CRLF) {
    if (newline == NEWLINE_CRLF) return c == 10 && at - 1 > subject && load<u8>(at - 2) == 13;
    return c == (newline == NEWLINE_CR ? 13 : 10);
  }
  if (c == 13 || c == 10) return true;
  if (newline != NEWLINE_ANY) return false;
  if (c == 11 || c == 12) return true;
  if (!utf) return c == 0x85;
  if (c == 0x85) return at - 1 > subject && load<u8>(at - 2) == 0xc2;
  if ((c & 0xfe) != 0xa8 || at < subject + 3) return false;
  return load<u8>(at - 2) == 0x80 && load<u8>(at - 3) == 0xe2;
}
