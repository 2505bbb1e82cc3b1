/**
 * One re:run: everything that it needs outside the heap, from its start to its result. While other
 * processes have their turn it is kept in a resource, whose end is its end.
 */
import { allocate, release } from '../alloc';
import {
  binaryData,
  binaryOwner,
  bitOffset,
  byteSize,
  freezeBinary,
  releaseBinaryObject,
  retainBinaryObject,
} from '../binary';
import { iolistBytes, iolistCopy } from '../iolist';
import { REFC_OBJECT } from '../off_heap';
import { RESOURCE_HEADER } from '../resource';
import { SUB_REFC_BINARY, boxedAddress, isBinary, isKind, boxedWord } from '../term';
import { releaseProgram } from './cache';
import { isSearching, runSlice, setSearching } from './match';
import * as S from './match_state';
import { UTF } from './pattern';
import { invalidUtf8 } from './utf8';

/** What a run ends with beside the outcomes of match_state.ts. */
export const BAD_SUBJECT: u32 = 16;

const STACK_BYTES: u32 = 4096;
/** A stack of STACK_BYTES that nobody uses now. */
let spareStack: usize = 0;
/** Bytes that one step checks. */
const CHECKED_PER_STEP: u32 = 32;

/** Memory of the run: a copy of the subject, or the object that holds it; the capture spec. */
let copy: usize = 0;
let object: usize = 0;
export let runSpec: usize = 0;
export let runReports: bool = false;
/** How much of the subject has been found to be UTF-8; `CHECKED` when that need not be. */
let checked: u32 = 0;
const CHECKED: u32 = 0xffff_ffff;

// ---- in a resource, behind the state of match_state.ts

const R_STATE: u32 = RESOURCE_HEADER;
const R_COPY: u32 = R_STATE + S.STATE_BYTES;
const R_OBJECT: u32 = R_COPY + 4;
const R_SPEC: u32 = R_COPY + 8;
const R_REPORTS: u32 = R_COPY + 12;
const R_CHECKED: u32 = R_COPY + 16;
const R_SEARCHING: u32 = R_COPY + 20;
const R_HELD: u32 = R_COPY + 24;
export const RUN_BYTES: u32 = S.STATE_BYTES + 32;

export function saveRun(resource: usize): void {
  S.saveState(resource + R_STATE);
  store<u32>(resource, copy as u32, R_COPY);
  store<u32>(resource, object as u32, R_OBJECT);
  store<u32>(resource, runSpec as u32, R_SPEC);
  store<u32>(resource, runReports ? 1 : 0, R_REPORTS);
  store<u32>(resource, checked, R_CHECKED);
  store<u32>(resource, isSearching() ? 1 : 0, R_SEARCHING);
  store<u32>(resource, 1, R_HELD);
}
/** False when the resource holds no run any more. */
export function restoreRun(resource: usize): bool {
  if (!load<u32>(resource, R_HELD)) return false;
  store<u32>(resource, 0, R_HELD);
  S.restoreState(resource + R_STATE);
  copy = load<u32>(resource, R_COPY);
  object = load<u32>(resource, R_OBJECT);
  runSpec = load<u32>(resource, R_SPEC);
  runReports = load<u32>(resource, R_REPORTS) != 0;
  checked = load<u32>(resource, R_CHECKED);
  setSearching(load<u32>(resource, R_SEARCHING) != 0);
  return true;
}
/** Destructor. */
export function dropRun(resource: usize): void {
  if (!load<u32>(resource, R_HELD)) return;
  releaseProgram(load<u32>(resource, R_STATE));
  release(load<u32>(resource, R_STATE + 4));
  release(load<u32>(resource, R_STATE + 8));
  release(load<u32>(resource, R_COPY));
  if (load<u32>(resource, R_OBJECT)) releaseBinaryObject(load<u32>(resource, R_OBJECT));
  release(load<u32>(resource, R_SPEC));
}

// ---- beginning and end

/** Address and length of the subject; its bytes stay where they are. False without memory. */
let subject: usize = 0;
let length: u32 = 0;

/** -1 for a subject that is none, 0 without memory, 1 when it is held. */
function holdSubject(t: u64): i32 {
  if (isBinary(t) && !bitOffset(t) && isKind(binaryOwner(t), SUB_REFC_BINARY)) {
    const owner = binaryOwner(t);
    freezeBinary(boxedAddress(owner));
    object = boxedWord(owner, REFC_OBJECT) as usize;
    retainBinaryObject(object);
    subject = binaryData(t);
    length = byteSize(t);
    return 1;
  }
  const bytes = iolistBytes(t);
  if (bytes < 0) return bytes == -2 ? 0 : -1;
  if (bytes > 0xff00_0000) return 0;
  copy = allocate(max(bytes as u32, 8));
  if (!copy || !iolistCopy(t, copy)) return 0;
  subject = copy;
  length = bytes as u32;
  return 1;
}

/**
 * Take over one reference of `program`, and the spec (0 for all groups as indices). RUNNING when
 * the run may go on; else BAD_SUBJECT or NO_MEMORY, and everything has been released.
 */
export function startRun(
  program: usize,
  spec: usize,
  subjectTerm: u64,
  offset: u32,
  options: u32,
  flags: u32,
  isChecked: bool,
  reports: bool,
): u32 {
  copy = 0;
  object = 0;
  runSpec = spec;
  runReports = reports;
  const stack = spareStack ? spareStack : allocate(STACK_BYTES);
  spareStack = 0;
  const registers = stack ? allocate(S.registersOf(program) << 2) : 0;
  if (!registers) {
    release(stack);
    release(spec);
    releaseProgram(program);
    return S.NO_MEMORY;
  }
  S.beginRun(program, registers, stack, STACK_BYTES, options);
  const held = holdSubject(subjectTerm);
  if (held != 1) {
    endRun();
    return held ? BAD_SUBJECT : S.NO_MEMORY;
  }
  const utf = (options & UTF) != 0;
  if (offset > length) {
    endRun();
    return BAD_SUBJECT;
  }
  const isInside = offset < length && ((load<u8>(subject + offset) as u32) & 0xc0) == 0x80;
  if (utf && isInside && !isChecked) {
    endRun();
    return BAD_SUBJECT;
  }
  checked = utf && !isChecked ? 0 : CHECKED;
  S.setSubject(subject, subject + length, subject + offset, flags);
  setSearching(true);
  return S.RUNNING;
}
/** Give everything back. */
export function endRun(): void {
  if (!spareStack && S.stackBytes() == STACK_BYTES) spareStack = S.stack;
  else release(S.stack);
  release(S.registers);
  release(copy);
  if (object) releaseBinaryObject(object);
  release(runSpec);
  releaseProgram(S.program);
}

/** Go on for so many steps: RUNNING, or how it ended. */
export function continueRun(steps: i32): u32 {
  let left = steps;
  if (checked != CHECKED) {
    const end = (S.subjectEnd - S.subject) as u32;
    const allowed = (steps as u32) * CHECKED_PER_STEP;
    const stop = end - checked < allowed ? end : checked + allowed;
    const place = invalidUtf8(S.subject, checked, stop, end);
    if (place < stop) return BAD_SUBJECT;
    left -= ((place - checked) / CHECKED_PER_STEP) as i32;
    checked = place;
    if (place < end) return S.RUNNING;
    checked = CHECKED;
    if (left <= 0) return S.RUNNING;
  }
  return runSlice(left);
}
