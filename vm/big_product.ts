/**
 * Products of large digit arrays by Karatsuba's method, in steps that can be interrupted after
 * every small product. All that is needed to go on is in one block of memory:
 *
 *   +--------+--------+---------------+---------+----------+-----------+---------+
 *   | fields | frames | first operand | second  | product  | one piece | scratch |
 *   +--------+--------+---------------+---------+----------+-----------+---------+
 *
 * The longer operand is cut into pieces. Below KARATSUBA_MIN digits a piece times the shorter one
 * is a schoolbook product. Otherwise both have the same size (filled up with zero digits), and with
 * x = x1 B + x0, y = y1 B + y0:
 *
 *   x y = x1 y1 B^2 + (x0 y0 + x1 y1 - (x0 - x1)(y0 - y1)) B + x0 y0
 *
 * What would be recursion is a stack of frames: each one product, and how far it is.
 */
import {
  addDigits,
  compareDigits,
  mulSchoolbook,
  squareSchoolbook,
  subDigits,
  trimmedCount,
} from './big_digits';
import { LINEAR_DOORBELL } from './gen/layout';

/** Digits from which splitting pays. */
const KARATSUBA_MIN: u32 = 32;
/** Digit products of a schoolbook piece when one operand is short. */
const PIECE_STEPS: u32 = 1024;

const A: u32 = 0;
const B: u32 = 4;
const TO: u32 = 8;
const PIECE: u32 = 12;
const SCRATCH: u32 = 16;
/** Digits of a piece of the first operand, and of the second operand. */
const PIECE_COUNT: u32 = 20;
const B_COUNT: u32 = 24;
const PIECES: u32 = 28;
const DONE: u32 = 32;
const DEPTH: u32 = 36;
const FRAMES: u32 = 40;

/** A frame: addresses of result, operands and scratch memory; digits; what comes next. */
const F_TO: u32 = 0;
const F_A: u32 = 4;
const F_B: u32 = 8;
const F_SCRATCH: u32 = 12;
const F_COUNT: u32 = 16;
const F_STAGE: u32 = 20;
const FRAME_BYTES: u32 = 24;
/** Sizes halve from at most 2^20. */
const FRAMES_MAX: u32 = 20;

const STAGE_START: u32 = 0;
const STAGE_HIGH: u32 = 1;
const STAGE_MIDDLE: u32 = 2;
const STAGE_SUBTRACT: u32 = 3;
const STAGE_ADD: u32 = 4;

// ---- sizes

let pieceCount: u32 = 0;
let otherCount: u32 = 0;
let pieces: u32 = 0;

/** Choose pieces for operands of aCount >= bCount digits. */
function plan(aCount: u32, bCount: u32): void {
  otherCount = bCount;
  if (bCount < KARATSUBA_MIN) {
    pieceCount = min(aCount, PIECE_STEPS / bCount);
    pieces = (aCount + pieceCount - 1) / pieceCount;
    return;
  }
  pieces = max(1, (aCount + (bCount >> 1)) / bCount);
  pieceCount = max(bCount, (aCount + pieces - 1) / pieces);
  pieces = (aCount + pieceCount - 1) / pieceCount;
  otherCount = pieceCount;
}
function scratchCount(count: u32): u32 {
  let total: u32 = 0;
  for (let n = count; n >= KARATSUBA_MIN; n = (n + 1) >> 1) total += 4 * ((n + 1) >> 1) + 1;
  return total;
}
/** Bytes of the block for operands of that many digits. */
export function productBytes(aCount: u32, bCount: u32): u32 {
  plan(max(aCount, bCount), min(aCount, bCount));
  const whole = pieceCount * pieces;
  const digits = whole + otherCount + (whole + otherCount) + (pieceCount + otherCount);
  return FRAMES + FRAMES_MAX * FRAME_BYTES + ((digits + scratchCount(pieceCount)) << 3);
}

// ---- the product

/** Fill the block with a product to be made; the operands are copied. */
export function startProduct(block: usize, a: usize, aCount: u32, b: usize, bCount: u32): void {
  if (aCount < bCount) {
    const digits = a;
    a = b;
    b = digits;
    const count = aCount;
    aCount = bCount;
    bCount = count;
  }
  plan(aCount, bCount);
  const whole = pieceCount * pieces;
  const aCopy = block + FRAMES + FRAMES_MAX * FRAME_BYTES;
  const bCopy = aCopy + (whole << 3);
  const to = bCopy + (otherCount << 3);
  copyPadded(aCopy, a, aCount, whole);
  copyPadded(bCopy, b, bCount, otherCount);
  memory.fill(to, 0, (whole + otherCount) << 3);
  store<u32>(block, aCopy as u32, A);
  // The same address tells a square, whose halves are squares too.
  store<u32>(block, (a == b && pieces == 1 ? aCopy : bCopy) as u32, B);
  store<u32>(block, to as u32, TO);
  const piece = to + ((whole + otherCount) << 3);
  store<u32>(block, piece as u32, PIECE);
  store<u32>(block, (piece + ((pieceCount + otherCount) << 3)) as u32, SCRATCH);
  store<u32>(block, pieceCount, PIECE_COUNT);
  store<u32>(block, otherCount, B_COUNT);
  store<u32>(block, pieces, PIECES);
  store<u32>(block, 0, DONE);
  store<u32>(block, 0, DEPTH);
}
function copyPadded(to: usize, from: usize, count: u32, all: u32): void {
  memory.copy(to, from, count << 3);
  memory.fill(to + (count << 3), 0, (all - count) << 3);
}
/** Address of the product's digits. */
export function productDigits(block: usize): usize {
  return load<u32>(block, TO);
}

/** Digit products made by the last stepProduct. */
export let productSteps: u64 = 0;

/**
 * Go on with the product; true when it is finished. Unless `patient`, it stops after about `limit`
 * digit products, and at once when the doorbell rings.
 */
export function stepProduct(block: usize, limit: u64, patient: bool): bool {
  productSteps = 0;
  while (true) {
    if (load<u32>(block, DEPTH) == 0) {
      if (load<u32>(block, DONE) == load<u32>(block, PIECES)) return true;
      startPiece(block);
    } else {
      stepFrame(block);
    }
    if (load<u32>(block, DEPTH) == 0) addPiece(block);
    if (!patient && (productSteps >= limit || load<i32>(LINEAR_DOORBELL) > 0)) return false;
  }
}

function startPiece(block: usize): void {
  const size = load<u32>(block, PIECE_COUNT);
  const a = load<u32>(block, A) + ((load<u32>(block, DONE) * size) << 3);
  const b = load<u32>(block, B) as usize;
  const other = load<u32>(block, B_COUNT);
  const piece = load<u32>(block, PIECE) as usize;
  if (other < KARATSUBA_MIN) {
    mulSchoolbook(piece, a, size, b, other);
    productSteps += size * other;
  } else pushFrame(block, piece, a, b, size, load<u32>(block, SCRATCH));
}
/** A piece times the second operand is complete: add it to the product at its place. */
function addPiece(block: usize): void {
  const done = load<u32>(block, DONE);
  const size = load<u32>(block, PIECE_COUNT);
  const count = size + load<u32>(block, B_COUNT);
  const at = load<u32>(block, TO) + ((done * size) << 3);
  addDigits(at, at, count, load<u32>(block, PIECE), count);
  store<u32>(block, done + 1, DONE);
}

function pushFrame(block: usize, to: usize, a: usize, b: usize, count: u32, scratch: usize): void {
  const depth = load<u32>(block, DEPTH);
  const frame = block + FRAMES + depth * FRAME_BYTES;
  store<u32>(frame, to as u32, F_TO);
  store<u32>(frame, a as u32, F_A);
  store<u32>(frame, b as u32, F_B);
  store<u32>(frame, scratch as u32, F_SCRATCH);
  store<u32>(frame, count, F_COUNT);
  store<u32>(frame, STAGE_START, F_STAGE);
  store<u32>(block, depth + 1, DEPTH);
}

/** One stage of the innermost product. */
function stepFrame(block: usize): void {
  const frame = block + FRAMES + (load<u32>(block, DEPTH) - 1) * FRAME_BYTES;
  const to = load<u32>(frame, F_TO) as usize;
  const a = load<u32>(frame, F_A) as usize;
  const b = load<u32>(frame, F_B) as usize;
  const scratch = load<u32>(frame, F_SCRATCH) as usize;
  const count = load<u32>(frame, F_COUNT);
  const stage = load<u32>(frame, F_STAGE);
  const low = (count + 1) >> 1;
  const lowBytes = low << 3;
  // Scratch memory: both differences (later the middle sum), their product, and what that needs.
  const product = scratch + (lowBytes << 1) + 8;
  const inner = product + (lowBytes << 1);
  if (stage == STAGE_START && count < KARATSUBA_MIN) {
    productSteps += count * count;
    if (a == b) squareSchoolbook(to, a, count);
    else mulSchoolbook(to, a, count, b, count);
    store<u32>(block, load<u32>(block, DEPTH) - 1, DEPTH);
  } else if (stage == STAGE_START) {
    store<u32>(frame, STAGE_HIGH, F_STAGE);
    pushFrame(block, to, a, b, low, inner);
  } else if (stage == STAGE_HIGH) {
    store<u32>(frame, STAGE_MIDDLE, F_STAGE);
    pushFrame(block, to + (lowBytes << 1), a + lowBytes, b + lowBytes, count - low, inner);
  } else if (stage == STAGE_MIDDLE) {
    const aSign = difference(scratch, a, low, count - low);
    const bSign = a == b ? aSign : difference(scratch + lowBytes, b, low, count - low);
    store<u32>(frame, aSign == bSign ? STAGE_SUBTRACT : STAGE_ADD, F_STAGE);
    pushFrame(block, product, scratch, a == b ? scratch : scratch + lowBytes, low, inner);
  } else {
    addMiddle(to, count, low, scratch, product, stage == STAGE_SUBTRACT);
    store<u32>(block, load<u32>(block, DEPTH) - 1, DEPTH);
  }
}

/** `to` = |low half - high half| of the array at `a`; true when it is negative. */
function difference(to: usize, a: usize, low: u32, high: u32): bool {
  const above = a + (low << 3);
  const lowCount = trimmedCount(a, low);
  const highCount = trimmedCount(above, high);
  const negative = compareDigits(a, lowCount, above, highCount) < 0;
  const count = negative ? highCount : lowCount;
  if (negative) subDigits(to, above, highCount, a, lowCount);
  else subDigits(to, a, lowCount, above, highCount);
  memory.fill(to + (count << 3), 0, (low - count) << 3);
  return negative;
}

/** `to` += (low product + high product -+ product of differences) B^low */
function addMiddle(
  to: usize,
  count: u32,
  low: u32,
  middle: usize,
  product: usize,
  subtract: bool,
): void {
  const twice = low << 1;
  const high = to + (twice << 3);
  const carry = addDigits(middle, to, twice, high, (count - low) << 1);
  store<u64>(middle + (twice << 3), carry);
  if (subtract) subDigits(middle, middle, twice + 1, product, twice);
  else addDigits(middle, middle, twice + 1, product, twice);
  const from = to + (low << 3);
  addDigits(from, from, (count << 1) - low, middle, twice + 1);
}
