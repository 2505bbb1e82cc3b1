/**
 * Long operations on big integers, done in slices: a process has at most one, in the block at
 * P_BIG_JOB, which holds copies of the operands. An operation that would take too long for one go
 * returns NONE with failClass CLASS_BIG_JOB; `continueBigJob` goes on until it returns something
 * else. Instructions do so when they run again (ops/arithmetic.ts), BIFs by trapping to
 * vbeam_internal:big_job/0.
 */
import { allocate, release } from './alloc';
import {
  divideStep,
  reciprocalOf,
  shiftLeftBits,
  shiftRightBits,
  trimmedCount,
} from './big_digits';
import { stepReductions } from './big_mul';
import {
  productBytes,
  productDigits,
  productSteps,
  startProduct,
  stepProduct,
} from './big_product';
import {
  BIG_DIGITS_MAX,
  bigCount,
  bigDigits,
  bigNegative,
  divideIntegers,
  integerOfDigits,
  isNegative,
  mulIntegers,
} from './bignum';
import { binaryOf } from './binary';
import { byteListOf, giveBuffer, takeBuffer } from './char_list';
import { CLASS_BIG_JOB, fail, failClass, outOfMemory, systemLimit } from './errors';
import { LINEAR_DOORBELL, P_BIG_JOB } from './gen/layout';
import {
  CHAR_0,
  CHAR_MINUS,
  CHAR_PLUS,
  firstChunk,
  integerTextMax,
  readFirstChunk,
  readInteger,
  readNextChunk,
  textDigits,
  wholeChunk,
  writeInteger,
  writeNextChunk,
} from './number_text';
import { budget, chargeReductions, current } from './state';
import { NONE, isBig } from './term';

/** Products of digits (or as much other work) done in one go: about 40,000 instructions. */
const STEPS_MAX: u32 = 2048;
const STEPS_PER_REDUCTION: u64 = 128;

const KIND_PRODUCT: u32 = 0;
const KIND_QUOTIENT: u32 = 1;
const KIND_REMAINDER: u32 = 2;
const KIND_WRITE: u32 = 3;
const KIND_READ: u32 = 4;

/** Every job: kind, whether the result is negative, digits of the result, address of the work. */
const KIND: u32 = 0;
const NEGATIVE: u32 = 4;
const COUNT: u32 = 8;
const WORK: u32 = 12;
/** Quotients: the shifted divisor, its digits, quotient, steps left, shift, reciprocal. */
const DIVISOR: u32 = 16;
const DIVISOR_COUNT: u32 = 20;
const QUOTIENT: u32 = 24;
const LEFT: u32 = 28;
const SHIFT: u32 = 32;
const RECIPROCAL: u32 = 40;
/** Text: base, where the next character goes or comes from, its end, a list is wanted. */
const BASE: u32 = 16;
const AT: u32 = 20;
const END: u32 = 24;
const AS_LIST: u32 = 28;
const JOB_BYTES: u32 = 48;

/** The job of the running process, 0 when it has none. */
export function bigJob(): usize {
  return load<u32>(current, P_BIG_JOB);
}
/** Free the job of a process, if it has one: when it is done or the process ends. */
export function freeBigJob(process: usize): void {
  const job = load<u32>(process, P_BIG_JOB);
  if (!job) return;
  store<u32>(process, 0, P_BIG_JOB);
  release(job);
}
/** A job of the running process with `bytes` bytes for its work; 0 after outOfMemory(). */
function newJob(kind: u32, bytes: u32, negative: bool): usize {
  const job = allocate(JOB_BYTES + bytes);
  if (!job) {
    outOfMemory();
    return 0;
  }
  store<u32>(job, kind, KIND);
  store<u32>(job, negative, NEGATIVE);
  store<u32>(job, (job + JOB_BYTES) as u32, WORK);
  store<u32>(current, job as u32, P_BIG_JOB);
  return job;
}

// ---- starting

/** a * b of integers. */
export function mulOrJob(a: u64, b: u64): u64 {
  if (!isBig(a) || !isBig(b)) return mulIntegers(a, b);
  const aCount = bigCount(a);
  const bCount = bigCount(b);
  if ((aCount as u64) * (bCount as u64) <= STEPS_MAX) return mulIntegers(a, b);
  if (aCount + bCount > BIG_DIGITS_MAX + 1) return systemLimit();
  const job = newJob(KIND_PRODUCT, productBytes(aCount, bCount), bigNegative(a) != bigNegative(b));
  if (!job) return NONE;
  store<u32>(job, aCount + bCount, COUNT);
  startProduct(job + JOB_BYTES, bigDigits(a), aCount, bigDigits(b), bCount);
  return continueBigJob();
}

/** a div b when `quotient`, else a rem b, for integers, b not zero. */
export function divideOrJob(a: u64, b: u64, quotient: bool): u64 {
  if (!isBig(a) || !isBig(b)) return divideIntegers(a, b, quotient);
  const aCount = bigCount(a);
  const bCount = bigCount(b);
  if (bCount < 2 || aCount < bCount || (aCount - bCount + 1) * bCount <= STEPS_MAX)
    return divideIntegers(a, b, quotient);
  const quotientCount = aCount - bCount + 1;
  const negative = bigNegative(a) != (quotient && bigNegative(b));
  const bytes = (aCount + 1 + bCount + quotientCount) << 3;
  const job = newJob(quotient ? KIND_QUOTIENT : KIND_REMAINDER, bytes, negative);
  if (!job) return NONE;
  const u = job + JOB_BYTES;
  const v = u + ((aCount + 1) << 3);
  const shift = clz(load<u64>(bigDigits(b) + ((bCount - 1) << 3)));
  shiftLeftBits(v, bigDigits(b), bCount, shift);
  store<u64>(u + (aCount << 3), shiftLeftBits(u, bigDigits(a), aCount, shift));
  store<u32>(job, quotient ? quotientCount : bCount, COUNT);
  store<u32>(job, v as u32, DIVISOR);
  store<u32>(job, bCount, DIVISOR_COUNT);
  store<u32>(job, (v + (bCount << 3)) as u32, QUOTIENT);
  store<u32>(job, quotientCount, LEFT);
  store<u32>(job, shift as u32, SHIFT);
  store<u64>(job, reciprocalOf(load<u64>(v + ((bCount - 1) << 3))), RECIPROCAL);
  return continueBigJob();
}

/** The text of an integer as a list or a binary. */
export function textOrJob(t: u64, base: u32, asList: bool): u64 {
  const room = integerTextMax(t, base);
  const count = isBig(t) ? bigCount(t) : 0;
  if (count * count <= STEPS_MAX << 1 || popcnt(base) == 1)
    return textAtOnce(t, base, asList, room);
  const job = newJob(KIND_WRITE, (count << 3) + room, isNegative(t));
  if (!job) return NONE;
  const work = job + JOB_BYTES;
  memory.copy(work, bigDigits(t), count << 3);
  const end = work + (count << 3) + room;
  store<u32>(job, count, COUNT);
  store<u32>(job, base, BASE);
  store<u32>(job, end as u32, AT);
  store<u32>(job, end as u32, END);
  store<u32>(job, asList, AS_LIST);
  return continueBigJob();
}
function textAtOnce(t: u64, base: u32, asList: bool, room: u32): u64 {
  const buffer = takeBuffer(room);
  if (!buffer) return outOfMemory();
  const end = buffer + room;
  const at = writeInteger(t, base, end);
  const result = at ? textTerm(at, end, asList) : outOfMemory();
  giveBuffer(buffer);
  return result;
}
function textTerm(at: usize, end: usize, asList: bool): u64 {
  const length = (end - at) as u32;
  chargeReductions((length >> 6) as i32);
  return asList ? byteListOf(at, length) : binaryOf(at, length);
}

/** The integer of a text of which integerTextLength says that it is one. */
export function integerOrJob(at: usize, length: u32, base: u32): u64 {
  const digits = textDigits(length, base);
  if (digits * digits <= STEPS_MAX << 1 || popcnt(base) == 1) return readInteger(at, length, base);
  const negative = load<u8>(at) == CHAR_MINUS;
  const end = at + length;
  if (negative || load<u8>(at) == CHAR_PLUS) at++;
  while (at < end && load<u8>(at) == CHAR_0) at++;
  const count = (end - at) as u32;
  if (textDigits(count, base) > BIG_DIGITS_MAX + 1) return systemLimit();
  const room = textDigits(count, base) << 3;
  const job = newJob(KIND_READ, room + count, negative);
  if (!job) return NONE;
  const work = job + JOB_BYTES;
  memory.copy(work + room, at, count);
  const head = firstChunk(count, base);
  store<u32>(job, readFirstChunk(work, at, head, base), COUNT);
  store<u32>(job, base, BASE);
  store<u32>(job, (work + room + head) as u32, AT);
  store<u32>(job, (work + room + count) as u32, END);
  return continueBigJob();
}

// ---- going on

/** The result, or NONE after CLASS_BIG_JOB (not finished) or a failure. */
export function continueBigJob(): u64 {
  return runJob((budget() as u64) * STEPS_PER_REDUCTION);
}
/** The result, or NONE after a failure: for callers that cannot go on later. */
export function finishBigJob(): u64 {
  let result: u64 = NONE;
  do {
    result = runJob(u64.MAX_VALUE);
  } while (result == NONE && failClass == CLASS_BIG_JOB);
  return result;
}
function runJob(limit: u64): u64 {
  const job = bigJob();
  const kind = load<u32>(job, KIND);
  let done = false;
  if (kind == KIND_PRODUCT) {
    done = stepProduct(job + JOB_BYTES, limit, false);
    chargeReductions(stepReductions(productSteps));
  } else if (kind <= KIND_REMAINDER) done = stepQuotient(job, limit);
  else if (kind == KIND_WRITE) done = stepWrite(job, limit);
  else done = stepRead(job, limit);
  if (!done) return fail(CLASS_BIG_JOB, 0);
  const result = finishJob(job, kind);
  freeBigJob(current);
  return result;
}

function mustStop(steps: u64, limit: u64): bool {
  return steps >= limit || load<i32>(LINEAR_DOORBELL) > 0;
}

function stepQuotient(job: usize, limit: u64): bool {
  const count = load<u32>(job, DIVISOR_COUNT);
  const work = load<u32>(job, WORK);
  const divisor = load<u32>(job, DIVISOR) as usize;
  const quotient = load<u32>(job, QUOTIENT);
  const reciprocal = load<u64>(job, RECIPROCAL);
  let left = load<u32>(job, LEFT);
  let steps: u64 = 0;
  while (left) {
    left--;
    const digit = divideStep((work + (left << 3)) as usize, divisor, count, reciprocal);
    store<u64>(quotient + (left << 3), digit);
    steps += count;
    if (mustStop(steps, limit)) break;
  }
  store<u32>(job, left, LEFT);
  chargeReductions(stepReductions(steps));
  return left == 0;
}

function stepWrite(job: usize, limit: u64): bool {
  const work = load<u32>(job, WORK) as usize;
  const base = load<u32>(job, BASE);
  let count = load<u32>(job, COUNT);
  let at = load<u32>(job, AT) as usize;
  let steps: u64 = 0;
  while (count) {
    at = writeNextChunk(work, count, base, at);
    steps += count;
    count = count == 1 ? 0 : trimmedCount(work, count);
    if (mustStop(steps, limit)) break;
  }
  store<u32>(job, count, COUNT);
  store<u32>(job, at as u32, AT);
  chargeReductions(stepReductions(steps));
  return count == 0;
}

function stepRead(job: usize, limit: u64): bool {
  const work = load<u32>(job, WORK) as usize;
  const base = load<u32>(job, BASE);
  const end = load<u32>(job, END);
  const chunk = wholeChunk(base);
  let count = load<u32>(job, COUNT);
  let at = load<u32>(job, AT);
  let steps: u64 = 0;
  while (at < end) {
    count = readNextChunk(work, count, at, base);
    at += chunk;
    steps += count;
    if (mustStop(steps, limit)) break;
  }
  store<u32>(job, count, COUNT);
  store<u32>(job, at, AT);
  chargeReductions(stepReductions(steps));
  return at == end;
}

function finishJob(job: usize, kind: u32): u64 {
  const negative = load<u32>(job, NEGATIVE) != 0;
  const work = load<u32>(job, WORK) as usize;
  if (kind == KIND_WRITE) {
    let at = load<u32>(job, AT) as usize;
    if (negative) store<u8>(--at, CHAR_MINUS as u8);
    return textTerm(at, load<u32>(job, END), load<u32>(job, AS_LIST) != 0);
  }
  const count = load<u32>(job, COUNT);
  let digits = work;
  if (kind == KIND_PRODUCT) digits = productDigits(work);
  else if (kind == KIND_QUOTIENT) digits = load<u32>(job, QUOTIENT);
  else if (kind == KIND_REMAINDER) shiftRightBits(work, work, count, load<u32>(job, SHIFT) as u64);
  return integerOfDigits(digits, count, negative);
}
