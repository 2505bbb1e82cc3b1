/** The options of re:compile and re:run, read from their list. */
import {
  am_anchored,
  am_any,
  am_anycrlf,
  am_bsr_anycrlf,
  am_bsr_unicode,
  am_capture,
  am_caseless,
  am_cr,
  am_crlf,
  am_dollar_endonly,
  am_dotall,
  am_dupnames,
  am_extended,
  am_firstline,
  am_global,
  am_index,
  am_lf,
  am_match_limit,
  am_match_limit_recursion,
  am_multiline,
  am_never_utf,
  am_newline,
  am_no_auto_capture,
  am_no_start_optimize,
  am_notbol,
  am_notempty,
  am_notempty_atstart,
  am_noteol,
  am_offset,
  am_report_errors,
  am_ucp,
  am_ungreedy,
  am_unicode,
} from '../gen/atoms';
import {
  NIL,
  head,
  isAtom,
  isList,
  isSmall,
  isTuple,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';
import {
  LIMIT_DEFAULT,
  RUN_ANCHORED,
  RUN_NOTBOL,
  RUN_NOTEMPTY,
  RUN_NOTEMPTY_ATSTART,
  RUN_NOTEOL,
} from './match_state';
import * as P from './pattern';

/** For the compiler, those for a run (newline, \R), and flags of match_state.ts. */
export let compileOptions: u32 = 0;
export let runOptions: u32 = 0;
export let runFlags: u32 = 0;
/** An option that only re:compile, or only re:run, has is among them. */
export let onlyCompile: bool = false;
export let onlyRun: bool = false;
export let isUnicode: bool = false;
export let isGlobal: bool = false;
export let reportErrors: bool = false;
export let startOffset: u32 = 0;
export let matchLimit: u32 = 0;
export let depthLimit: u32 = 0;
/** What to capture, and as what; 0 when nothing is said. */
export let captureValues: u64 = 0;
export let captureType: u64 = 0;

const INTEGER_MAX: i64 = 0x7fff_ffff;
let integer: u32 = 0;

function takeInteger(t: u64): bool {
  if (!isSmall(t) || smallValue(t) < 0 || smallValue(t) > INTEGER_MAX) return false;
  integer = smallValue(t) as u32;
  return true;
}

/** False for what is no list of options. */
export function parseOptions(list: u64): bool {
  compileOptions = 0;
  runOptions = 0;
  runFlags = 0;
  onlyCompile = false;
  onlyRun = false;
  isUnicode = false;
  isGlobal = false;
  reportErrors = false;
  startOffset = 0;
  matchLimit = LIMIT_DEFAULT;
  depthLimit = LIMIT_DEFAULT;
  captureValues = 0;
  captureType = 0;
  let rest = list;
  for (; isList(rest); rest = tail(rest)) {
    const item = head(rest);
    if (isTuple(item) ? !parseTuple(item) : !parseAtom(item)) return false;
  }
  return rest == NIL;
}

function parseTuple(t: u64): bool {
  const arity = tupleArity(t);
  if (arity < 2 || arity > 3) return false;
  const name = tupleElement(t, 1);
  const value = tupleElement(t, 2);
  if (arity == 3 && name != am_capture) return false;
  if (name == am_newline) return parseNewline(value);
  onlyRun = true;
  if (name == am_capture) {
    captureValues = value;
    captureType = arity == 3 ? tupleElement(t, 3) : am_index;
    return true;
  }
  if (!takeInteger(value)) return false;
  if (name == am_offset) startOffset = integer;
  else if (name == am_match_limit) matchLimit = integer;
  else if (name == am_match_limit_recursion) depthLimit = integer;
  else return false;
  return true;
}
function parseNewline(value: u64): bool {
  let newline: u32 = 0;
  if (value == am_cr) newline = P.NEWLINE_CR;
  else if (value == am_lf) newline = P.NEWLINE_LF;
  else if (value == am_crlf) newline = P.NEWLINE_CRLF;
  else if (value == am_any) newline = P.NEWLINE_ANY;
  else if (value == am_anycrlf) newline = P.NEWLINE_ANYCRLF;
  else return false;
  compileOptions |= newline << P.NEWLINE_SHIFT;
  runOptions |= newline << P.NEWLINE_SHIFT;
  return true;
}

/** The compiler's bit for an option, 0 for others. */
function compileBit(t: u64): u32 {
  if (t == am_caseless) return P.CASELESS;
  if (t == am_dollar_endonly) return P.DOLLAR_ENDONLY;
  if (t == am_dotall) return P.DOTALL;
  if (t == am_extended) return P.EXTENDED;
  if (t == am_firstline) return P.FIRSTLINE;
  if (t == am_multiline) return P.MULTILINE;
  if (t == am_no_auto_capture) return P.NO_AUTO_CAPTURE;
  if (t == am_dupnames) return P.DUPNAMES;
  if (t == am_ungreedy) return P.UNGREEDY;
  if (t == am_ucp) return P.UCP;
  if (t == am_never_utf) return P.NEVER_UTF;
  if (t == am_no_start_optimize) return P.NO_START_OPTIMIZE;
  return t == am_unicode ? P.UTF : 0;
}
function runBit(t: u64): u32 {
  if (t == am_notbol) return RUN_NOTBOL;
  if (t == am_noteol) return RUN_NOTEOL;
  if (t == am_notempty) return RUN_NOTEMPTY;
  return t == am_notempty_atstart ? RUN_NOTEMPTY_ATSTART : 0;
}
function parseAtom(t: u64): bool {
  if (!isAtom(t)) return false;
  const bit = compileBit(t);
  if (bit) {
    compileOptions |= bit;
    onlyCompile = true;
    if (bit == P.UTF) isUnicode = true;
    return true;
  }
  if (t == am_anchored) {
    compileOptions |= P.ANCHORED;
    runFlags |= RUN_ANCHORED;
    return true;
  }
  if (t == am_bsr_anycrlf || t == am_bsr_unicode) {
    const bsr = t == am_bsr_anycrlf ? P.BSR_ANYCRLF : P.BSR_UNICODE;
    compileOptions |= bsr << P.BSR_SHIFT;
    runOptions |= bsr << P.BSR_SHIFT;
    return true;
  }
  onlyRun = true;
  if (t == am_global) isGlobal = true;
  else if (t == am_report_errors) reportErrors = true;
  else {
    runFlags |= runBit(t);
    return runBit(t) != 0;
  }
  return true;
}
