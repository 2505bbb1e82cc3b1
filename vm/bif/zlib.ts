/**
 * The functions that OTP's module zlib expects from a native library: streams, which belong to the
 * process that opened them or to the one it named. Input is queued in the stream; every call works
 * on a part of it, and zlib.erl calls again until all is done, so no call takes long. Results and
 * errors are those of OTP's library.
 */
import { allocate, reallocate, release } from '../alloc';
import { alignedBinary, binaryData, binaryOf, byteSize, newBinary } from '../binary';
import { crc32 } from '../checksum';
import { copyAllToFragment, fragmentRoot, releaseMessage } from '../copy';
import { CLASS_ERROR, badarg, fail, outOfMemory } from '../errors';
import { copyOut } from '../ets/object';
import {
  am_already_initialized,
  am_continue,
  am_data_error,
  am_word_empty,
  am_error,
  am_finished,
  am_need_dictionary,
  am_not_initialized,
  am_not_on_controlling_process,
  am_ok,
  am_stream_error,
} from '../gen/atoms';
import { P_ID } from '../gen/layout';
import { hAlloc } from '../heap';
import { adler32 } from '../inflate';
import { iolistBytes, iolistCopy } from '../iolist';
import { RESOURCE_HEADER, newResource, resourceOf, resourceTerm } from '../resource';
import { budget, chargeReductions, current } from '../state';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  head,
  headerOf,
  isBinary,
  isList,
  isLocalPid,
  isSmall,
  makeCons,
  smallOf,
  smallValue,
  tail,
} from '../term';
import * as D from '../zlib/deflate';
import { searched, resetSearched, setInput } from '../zlib/match';
import * as M from '../zlib/match';
import { useDeflate } from '../zlib/deflate_state';
import * as I from '../zlib/inflate_stream';

// ---- a stream, as a resource

const Z_OWNER: u32 = RESOURCE_HEADER;
/** One of the states below. */
const Z_STATE: u32 = RESOURCE_HEADER + 8;
const Z_CODER: u32 = RESOURCE_HEADER + 12;
/** The queue: its block, and the bytes in it from, to. */
const Z_QUEUE: u32 = RESOURCE_HEADER + 16;
const Z_FROM: u32 = RESOURCE_HEADER + 20;
const Z_TO: u32 = RESOURCE_HEADER + 24;
const Z_ROOM: u32 = RESOURCE_HEADER + 28;
const Z_STASH: u32 = RESOURCE_HEADER + 32;
const Z_BUFFER: u32 = RESOURCE_HEADER + 36;
/** What to do behind the end of the stream; the end has been seen. */
const Z_AT_END: u32 = RESOURCE_HEADER + 40;
const Z_ENDED: u32 = RESOURCE_HEADER + 44;
/** A raw stream: its checksum is kept here. */
const Z_RAW: u32 = RESOURCE_HEADER + 48;
const Z_SUM: u32 = RESOURCE_HEADER + 52;
const STREAM_BYTES: u32 = 56;

const STATE_NONE: u32 = 0;
const STATE_DEFLATE: u32 = 1;
const STATE_INFLATE: u32 = 2;
const STATE_CLOSED: u32 = 3;

const AT_END_ERROR: u32 = 0;
const AT_END_RESET: u32 = 1;
const BUFFER_DEFAULT: u32 = 4000;
const ENQUEUE_MAX: u32 = 256;

/** Bytes of input that one reduction pays for, and the fewest that a call takes. */
const INPUT_PER_REDUCTION: i32 = 2;
const INPUT_MIN: i32 = 256;
const OUTPUT_MAX: i64 = 1 << 24;

function dropCoder(stream: usize): void {
  release(load<u32>(stream, Z_CODER));
  store<u32>(stream, 0, Z_CODER);
}
function dropStash(stream: usize): void {
  const stash = load<u32>(stream, Z_STASH) as usize;
  store<u32>(stream, 0, Z_STASH);
  if (stash) releaseMessage(stash);
}
function dropQueue(stream: usize): void {
  release(load<u32>(stream, Z_QUEUE));
  store<u32>(stream, 0, Z_QUEUE);
  store<u32>(stream, 0, Z_FROM);
  store<u32>(stream, 0, Z_TO);
  store<u32>(stream, 0, Z_ROOM);
}
/** Destructor, and the type of streams. */
export function destroyStream(stream: usize): void {
  dropCoder(stream);
  dropStash(stream);
  dropQueue(stream);
}
function raise(reason: u64): u64 {
  return fail(CLASS_ERROR, reason);
}
/** The stream of the running process that the term refers to; 0 after an error. */
function streamOf(t: u64): usize {
  const stream = resourceOf(t, destroyStream.index);
  if (!stream) {
    badarg();
    return 0;
  }
  if (load<u64>(stream, Z_OWNER) == load<u64>(current, P_ID)) return stream;
  raise(am_not_on_controlling_process);
  return 0;
}
/** The same, in state `state`. */
function streamIn(t: u64, state: u32): usize {
  const stream = streamOf(t);
  if (!stream) return 0;
  if (load<u32>(stream, Z_STATE) == state) {
    if (state == STATE_DEFLATE) useDeflate(load<u32>(stream, Z_CODER));
    else if (state == STATE_INFLATE) I.useInflate(load<u32>(stream, Z_CODER));
    return stream;
  }
  raise(state == STATE_NONE ? am_already_initialized : am_not_initialized);
  return 0;
}
function queued(stream: usize): u32 {
  return load<u32>(stream, Z_TO) - load<u32>(stream, Z_FROM);
}
/** Forget all input, and what was put aside. */
function resetInput(stream: usize): void {
  dropQueue(stream);
  dropStash(stream);
}
function resultOf(code: i32): u64 {
  if (code == D.STREAM_ERROR) return raise(am_stream_error);
  return code == D.DATA_ERROR ? raise(am_data_error) : am_ok;
}

// bif: zlib:open_nif/0
export function zlibOpen0(): u64 {
  const stream = newResource(destroyStream.index, STREAM_BYTES);
  if (!stream) return outOfMemory();
  store<u64>(stream, load<u64>(current, P_ID), Z_OWNER);
  store<u32>(stream, BUFFER_DEFAULT, Z_BUFFER);
  return resourceTerm(stream);
}

// bif: zlib:close_nif/1
export function zlibClose1(z: u64): u64 {
  const stream = streamOf(z);
  if (!stream) return NONE;
  if (load<u32>(stream, Z_STATE) == STATE_CLOSED) return raise(am_not_initialized);
  destroyStream(stream);
  store<u32>(stream, STATE_CLOSED, Z_STATE);
  return am_ok;
}

// bif: zlib:set_controller_nif/2
export function zlibSetController2(z: u64, pid: u64): u64 {
  if (!resourceOf(z, destroyStream.index) || !isLocalPid(pid)) return badarg();
  const stream = streamOf(z);
  if (!stream) return NONE;
  store<u64>(stream, pid, Z_OWNER);
  return am_ok;
}

// ---- input

function append(stream: usize, from: usize, bytes: u32): bool {
  if (load<u32>(stream, Z_FROM) == load<u32>(stream, Z_TO)) {
    store<u32>(stream, 0, Z_FROM);
    store<u32>(stream, 0, Z_TO);
  }
  const to = load<u32>(stream, Z_TO);
  if (bytes > 0x7fff_0000 - to) return false;
  if (to + bytes > load<u32>(stream, Z_ROOM)) {
    const wanted = max(to + bytes, min(load<u32>(stream, Z_ROOM), 1 << 28) << 1);
    const old = load<u32>(stream, Z_QUEUE) as usize;
    const fresh = old ? reallocate(old, wanted) : allocate(wanted);
    if (!fresh) return false;
    store<u32>(stream, fresh as u32, Z_QUEUE);
    store<u32>(stream, wanted, Z_ROOM);
  }
  memory.copy((load<u32>(stream, Z_QUEUE) as usize) + to, from, bytes);
  store<u32>(stream, to + bytes, Z_TO);
  return true;
}

// bif: zlib:enqueue_nif/2
export function zlibEnqueue2(z: u64, vector: u64): u64 {
  const stream = streamOf(z);
  if (!stream) return NONE;
  const state = load<u32>(stream, Z_STATE);
  if (state != STATE_DEFLATE && state != STATE_INFLATE) return raise(am_not_initialized);
  let rest = vector;
  for (let i: u32 = 0; i < ENQUEUE_MAX && isList(rest); i++) {
    if (!isBinary(head(rest))) return badarg();
    rest = tail(rest);
  }
  if (!isList(rest) && rest != NIL) return badarg();
  rest = vector;
  for (let i: u32 = 0; i < ENQUEUE_MAX && isList(rest); i++) {
    const binary = alignedBinary(head(rest));
    if (binary == NONE) return NONE;
    if (!append(stream, binaryData(binary), byteSize(binary))) return outOfMemory();
    chargeReductions((byteSize(binary) >> 12) as i32);
    rest = tail(rest);
  }
  return rest == NIL ? am_ok : pairOf(am_continue, rest);
}
function pairOf(first: u64, second: u64): u64 {
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, first, 8);
  store<u64>(at, second, 16);
  return boxedOf(at);
}
function tripleOf(first: u64, second: u64, third: u64): u64 {
  const at = hAlloc(4);
  store<u64>(at, headerOf(SUB_TUPLE, 3));
  store<u64>(at, first, 8);
  store<u64>(at, second, 16);
  store<u64>(at, third, 24);
  return boxedOf(at);
}

/** The bytes of an iolist in a block to be released; 0 after an error. */
let dictionaryLength: u32 = 0;
function blockOf(t: u64): usize {
  const bytes = isList(t) || t == NIL || isBinary(t) ? iolistBytes(t) : -1;
  if (bytes < 0 || bytes > 0x7fff_0000) {
    if (bytes == -1) badarg();
    else outOfMemory();
    return 0;
  }
  const block = allocate(max(bytes as u32, 8));
  if (!block || !iolistCopy(t, block)) {
    release(block);
    outOfMemory();
    return 0;
  }
  dictionaryLength = bytes as u32;
  return block;
}

// ---- coding

/** A buffer for output that is kept from call to call. */
let buffer: usize = 0;
let bufferBytes: u32 = 0;
function reserveBuffer(bytes: u32): bool {
  if (bytes <= bufferBytes) return true;
  const fresh = allocate(bytes);
  if (!fresh) return false;
  release(buffer);
  buffer = fresh;
  bufferBytes = bytes;
  return true;
}

let produced: u32 = 0;
let consumed: u32 = 0;

function codeOnce(isDeflate: bool, from: usize, bytes: u32, room: u32, flush: u32): i32 {
  const to = buffer + produced;
  if (isDeflate) {
    setInput(from, bytes);
    D.setOutput(to, room);
    const code = D.deflate(flush);
    consumed += bytes - M.available;
    produced += room - D.room;
    return code;
  }
  I.setInput(from, bytes);
  I.setOutput(to, room);
  const code = I.inflate();
  consumed += bytes - I.available;
  produced += room - I.room;
  return code;
}
/** Input within the limit, then, when there is no more of it, the flush. */
function codeQueue(stream: usize, isDeflate: bool, limit: u32, room: u32, flush: u32): i32 {
  produced = 0;
  consumed = 0;
  let code = D.OK;
  const bytes = min(queued(stream), limit);
  const from = (load<u32>(stream, Z_QUEUE) as usize) + load<u32>(stream, Z_FROM);
  if (bytes) {
    code = codeOnce(isDeflate, from, bytes, room, D.FLUSH_NONE);
    if (isDeflate && load<u32>(stream, Z_RAW))
      store<u32>(stream, crc32(load<u32>(stream, Z_SUM), from, consumed), Z_SUM);
    store<u32>(stream, load<u32>(stream, Z_FROM) + consumed, Z_FROM);
  }
  if (code == D.OK && !queued(stream) && produced < room)
    code = codeOnce(isDeflate, 0, 0, room - produced, flush);
  if (!isDeflate && load<u32>(stream, Z_RAW))
    store<u32>(stream, crc32(load<u32>(stream, Z_SUM), buffer, produced), Z_SUM);
  return code;
}
function isCount(t: u64): bool {
  return isSmall(t) && smallValue(t) > 0 && smallValue(t) <= OUTPUT_MAX;
}
function code(stream: usize, isDeflate: bool, inputMax: u64, outputMax: u64, flush: u64): u64 {
  const room = smallValue(outputMax) as u32;
  if (!reserveBuffer(room)) return outOfMemory();
  const affordable = max(budget() * INPUT_PER_REDUCTION, INPUT_MIN) as u32;
  const limit = min(smallValue(inputMax) as u32, affordable);
  resetSearched();
  const result = codeQueue(stream, isDeflate, limit, room, smallValue(flush) as u32);
  const cost = (consumed + produced) / (INPUT_PER_REDUCTION as u32) + (searched >> 3);
  chargeReductions(cost as i32);
  if (result < 0 && result != D.BUFFER_ERROR) return resultOf(result);
  if (result == D.STREAM_END) store<u32>(stream, 1, Z_ENDED);
  const left = queued(stream);
  if (!consumed && !produced && left) return raise(am_data_error);
  let list = NIL;
  if (produced) {
    const binary = binaryOf(buffer, produced);
    if (binary == NONE) return NONE;
    list = makeCons(hAlloc(2), binary, NIL);
  }
  if (!left && produced < room) return pairOf(am_finished, list);
  if (result != D.NEED_DICTIONARY) return pairOf(am_continue, list);
  return tripleOf(am_need_dictionary, smallOf(I.dictionaryWanted() as i64), list);
}

// ---- deflate

// bif: zlib:deflateInit_nif/6
export function zlibDeflateInit6(
  z: u64,
  level: u64,
  method: u64,
  windowBits: u64,
  memoryLevel: u64,
  strategy: u64,
): u64 {
  if (!isSmall(level) || !isSmall(method) || !isSmall(windowBits)) return badarg();
  if (!isSmall(memoryLevel) || !isSmall(strategy)) return badarg();
  const stream = streamIn(z, STATE_NONE);
  if (!stream) return NONE;
  const coder = D.deflateInit(
    smallValue(level) as i32,
    smallValue(method) as i32,
    smallValue(windowBits) as i32,
    smallValue(memoryLevel) as i32,
    smallValue(strategy) as i32,
  );
  if (!coder) return D.wrongParameters ? raise(am_stream_error) : outOfMemory();
  begin(stream, coder, STATE_DEFLATE, smallValue(windowBits) < 0);
  return am_ok;
}
function begin(stream: usize, coder: usize, state: u32, isRaw: bool): void {
  store<u32>(stream, coder as u32, Z_CODER);
  store<u32>(stream, state, Z_STATE);
  store<u32>(stream, 0, Z_ENDED);
  store<u32>(stream, isRaw ? 1 : 0, Z_RAW);
  store<u32>(stream, 0, Z_SUM);
}

// bif: zlib:deflateSetDictionary_nif/2
export function zlibDeflateSetDictionary2(z: u64, dictionary: u64): u64 {
  const stream = streamIn(z, STATE_DEFLATE);
  if (!stream) return NONE;
  const block = blockOf(dictionary);
  if (!block) return NONE;
  const result = D.setDictionary(block, dictionaryLength);
  let sum = D.checksum();
  if (load<u32>(stream, Z_RAW)) sum = adler32(0, block, dictionaryLength);
  release(block);
  return result == D.OK ? smallOf(sum as i64) : resultOf(result);
}

// bif: zlib:deflateReset_nif/1
export function zlibDeflateReset1(z: u64): u64 {
  const stream = streamIn(z, STATE_DEFLATE);
  if (!stream) return NONE;
  D.deflateReset(load<u32>(stream, Z_CODER));
  store<u32>(stream, 0, Z_SUM);
  store<u32>(stream, 0, Z_ENDED);
  resetInput(stream);
  return am_ok;
}

// bif: zlib:deflateEnd_nif/1
export function zlibDeflateEnd1(z: u64): u64 {
  const stream = streamIn(z, STATE_DEFLATE);
  if (!stream) return NONE;
  const isUnfinished = D.isBusy() || queued(stream) > 0;
  end(stream);
  return isUnfinished ? raise(am_data_error) : am_ok;
}
function end(stream: usize): void {
  dropCoder(stream);
  resetInput(stream);
  store<u32>(stream, STATE_NONE, Z_STATE);
}

// bif: zlib:deflateParams_nif/3
export function zlibDeflateParams3(z: u64, level: u64, strategy: u64): u64 {
  if (!isSmall(level) || !isSmall(strategy)) return badarg();
  const stream = streamIn(z, STATE_DEFLATE);
  if (!stream) return NONE;
  return resultOf(D.setParameters(smallValue(level) as i32, smallValue(strategy) as i32));
}

// bif: zlib:deflate_nif/4
export function zlibDeflate4(z: u64, inputMax: u64, outputMax: u64, flush: u64): u64 {
  if (!isCount(inputMax) || !isCount(outputMax) || !isSmall(flush)) return badarg();
  if (smallValue(flush) < 0 || smallValue(flush) > 5) return badarg();
  const stream = streamIn(z, STATE_DEFLATE);
  if (!stream) return NONE;
  return code(stream, true, inputMax, outputMax, flush);
}

// ---- inflate

// bif: zlib:inflateInit_nif/3
export function zlibInflateInit3(z: u64, windowBits: u64, atEnd: u64): u64 {
  if (!isSmall(windowBits) || !isSmall(atEnd)) return badarg();
  const stream = streamIn(z, STATE_NONE);
  if (!stream) return NONE;
  const coder = I.inflateInit(smallValue(windowBits) as i32);
  if (!coder) return I.wrongParameters ? raise(am_stream_error) : outOfMemory();
  begin(stream, coder, STATE_INFLATE, smallValue(windowBits) < 0);
  store<u32>(stream, smallValue(atEnd) as u32, Z_AT_END);
  return am_ok;
}

// bif: zlib:inflateSetDictionary_nif/2
export function zlibInflateSetDictionary2(z: u64, dictionary: u64): u64 {
  const stream = streamIn(z, STATE_INFLATE);
  if (!stream) return NONE;
  const block = blockOf(dictionary);
  if (!block) return NONE;
  const result = I.setDictionary(block, dictionaryLength);
  release(block);
  return resultOf(result);
}

// bif: zlib:inflateGetDictionary_nif/1
export function zlibInflateGetDictionary1(z: u64): u64 {
  const stream = streamIn(z, STATE_INFLATE);
  if (!stream) return NONE;
  const made = newBinary(I.dictionaryBytes());
  if (made != NONE) I.copyDictionary(binaryData(made));
  return made;
}

// bif: zlib:inflateReset_nif/1
export function zlibInflateReset1(z: u64): u64 {
  const stream = streamIn(z, STATE_INFLATE);
  if (!stream) return NONE;
  I.inflateReset(load<u32>(stream, Z_CODER));
  store<u32>(stream, 0, Z_SUM);
  store<u32>(stream, 0, Z_ENDED);
  resetInput(stream);
  return am_ok;
}

// bif: zlib:inflateEnd_nif/1
export function zlibInflateEnd1(z: u64): u64 {
  const stream = streamIn(z, STATE_INFLATE);
  if (!stream) return NONE;
  const isUnfinished = !load<u32>(stream, Z_ENDED) || queued(stream) > 0;
  end(stream);
  return isUnfinished ? raise(am_data_error) : am_ok;
}

// bif: zlib:inflate_nif/4
export function zlibInflate4(z: u64, inputMax: u64, outputMax: u64, flush: u64): u64 {
  if (!isCount(inputMax) || !isCount(outputMax) || !isSmall(flush)) return badarg();
  const stream = streamIn(z, STATE_INFLATE);
  if (!stream) return NONE;
  if (load<u32>(stream, Z_ENDED) && queued(stream)) {
    const atEnd = load<u32>(stream, Z_AT_END);
    if (atEnd == AT_END_ERROR) return raise(am_data_error);
    if (atEnd == AT_END_RESET) {
      I.inflateReset(load<u32>(stream, Z_CODER));
      store<u32>(stream, 0, Z_ENDED);
    } else resetInput(stream);
  }
  return code(stream, false, inputMax, outputMax, flush);
}

// ---- the rest

// bif: zlib:crc32_nif/1
export function zlibCrc321(z: u64): u64 {
  const stream = streamOf(z);
  if (!stream) return NONE;
  const state = load<u32>(stream, Z_STATE);
  if (state != STATE_DEFLATE && state != STATE_INFLATE) return raise(am_not_initialized);
  return smallOf(load<u32>(stream, Z_SUM) as i64);
}

// bif: zlib:getStash_nif/1
export function zlibGetStash1(z: u64): u64 {
  const stream = streamOf(z);
  if (!stream) return NONE;
  const stash = load<u32>(stream, Z_STASH) as usize;
  if (!stash) return am_word_empty;
  const term = copyOut(fragmentRoot(stash));
  return term == NONE ? NONE : pairOf(am_ok, term);
}

// bif: zlib:clearStash_nif/1
export function zlibClearStash1(z: u64): u64 {
  const stream = streamOf(z);
  if (!stream) return NONE;
  if (!load<u32>(stream, Z_STASH)) return raise(am_error);
  dropStash(stream);
  return am_ok;
}

// bif: zlib:setStash_nif/2
export function zlibSetStash2(z: u64, term: u64): u64 {
  const stream = streamOf(z);
  if (!stream) return NONE;
  if (load<u32>(stream, Z_STASH)) return raise(am_error);
  const stash = copyAllToFragment(term);
  if (!stash) return outOfMemory();
  store<u32>(stream, stash as u32, Z_STASH);
  return am_ok;
}

// bif: zlib:getBufSize_nif/1
export function zlibGetBufSize1(z: u64): u64 {
  const stream = streamOf(z);
  return stream ? smallOf(load<u32>(stream, Z_BUFFER) as i64) : NONE;
}

// bif: zlib:setBufSize_nif/2
export function zlibSetBufSize2(z: u64, size: u64): u64 {
  const stream = streamOf(z);
  if (!stream) return NONE;
  if (!isCount(size)) return badarg();
  store<u32>(stream, smallValue(size) as u32, Z_BUFFER);
  return am_ok;
}
