/**
 * The state of a process as text, one `Key: Value` a line, for the process_dump of match
 * specifications and for erlang:process_display/2. The keys are those of a crash dump's =proc
 * section that mean something here.
 */
import { allocate, reallocate, release } from '../alloc';
import { atomLength, atomText } from '../atoms';
import { binaryOf } from '../binary';
import {
  P_FRAGMENT_WORDS,
  P_HEAP_END,
  P_HEAP_START,
  P_ID,
  P_INITIAL_ARITY,
  P_INITIAL_FUNCTION,
  P_INITIAL_MODULE,
  P_MAILBOX_COUNT,
  P_NAME,
  P_OLD_END,
  P_OLD_START,
  P_PARENT,
  P_REDUCTIONS,
  P_STACK_TOP,
  P_STATE,
} from '../gen/layout';
import { functionAt } from '../modules';
import { STATE_RUNNABLE, STATE_RUNNING, STATE_WAITING } from '../process';
import { NONE, pidNumber } from '../term';
import { saveRegisters } from '../swap';
import { current } from '../state';

const CAPACITY_MIN: u32 = 1024;
/** Return addresses shown. */
const FRAMES_MAX: u32 = 50;

let text: usize = 0;
let length: u32 = 0;
let capacity: u32 = 0;
let failed: bool = false;

function reserve(bytes: u32): bool {
  if (failed) return false;
  if (length + bytes <= capacity) return true;
  const wanted = capacity ? capacity << 1 : CAPACITY_MIN;
  const larger = wanted < length + bytes ? length + bytes : wanted;
  const fresh = text ? reallocate(text, larger) : allocate(larger);
  if (!fresh) {
    failed = true;
    return false;
  }
  text = fresh;
  capacity = larger;
  return true;
}
function put(ascii: string): void {
  if (!reserve(ascii.length)) return;
  for (let i = 0; i < ascii.length; i++) store<u8>(text + length++, ascii.charCodeAt(i) as u8);
}
function putAtom(atom: u64): void {
  const bytes = atomLength(atom);
  if (!reserve(bytes)) return;
  memory.copy(text + length, atomText(atom), bytes);
  length += bytes;
}
function putNumber(value: u64): void {
  let scale: u64 = 1;
  while (value / scale >= 10) scale *= 10;
  if (!reserve(20)) return;
  while (scale) {
    store<u8>(text + length++, (((value / scale) % 10) as u8) + 48);
    scale /= 10;
  }
}
function putPid(pid: u64): void {
  put('<0.');
  putNumber((pidNumber(pid) & 0x7fff) as u64);
  put('.');
  putNumber((pidNumber(pid) >> 15) as u64);
  put('>');
}
function line(key: string, value: u64): void {
  put(key);
  putNumber(value);
  put('\n');
}
function putFunction(module: u64, name: u64, arity: u64): void {
  putAtom(module);
  put(':');
  putAtom(name);
  put('/');
  putNumber(arity);
}

function putFrames(process: usize): void {
  const limit = load<u32>(process, P_HEAP_END) as usize;
  let frames: u32 = 0;
  for (
    let at = load<u32>(process, P_STACK_TOP) as usize;
    at < limit && frames < FRAMES_MAX;
    at += 8
  ) {
    const word = load<u64>(at);
    const info = (word & 3) == 0 && word ? functionAt((word as usize) - 4) : 0;
    if (!info) continue;
    frames++;
    put('Return addr (');
    putFunction(load<u32>(info, 4), load<u32>(info, 8), load<u32>(info, 12));
    put(')\n');
  }
}

function stateName(process: usize): string {
  const state = load<u32>(process, P_STATE);
  if (process == current || state == STATE_RUNNING) return 'Running\n';
  if (state == STATE_WAITING) return 'Waiting\n';
  return state == STATE_RUNNABLE ? 'Scheduled\n' : 'Exiting\n';
}

function write(process: usize): void {
  put('=proc:');
  putPid(load<u64>(process, P_ID));
  put('\nState: ');
  put(stateName(process));
  if (load<u64>(process, P_NAME)) {
    put('Name: ');
    putAtom(load<u64>(process, P_NAME));
    put('\n');
  }
  put('Spawned as: ');
  putFunction(
    load<u64>(process, P_INITIAL_MODULE),
    load<u64>(process, P_INITIAL_FUNCTION),
    load<u32>(process, P_INITIAL_ARITY),
  );
  put('\n');
  if (load<u64>(process, P_PARENT)) {
    put('Spawned by: ');
    putPid(load<u64>(process, P_PARENT));
    put('\n');
  }
  line('Message queue length: ', load<u32>(process, P_MAILBOX_COUNT));
  line('Reductions: ', load<u64>(process, P_REDUCTIONS));
  line('Stack+heap: ', (load<u32>(process, P_HEAP_END) - load<u32>(process, P_HEAP_START)) >> 3);
  line('OldHeap: ', (load<u32>(process, P_OLD_END) - load<u32>(process, P_OLD_START)) >> 3);
  line('Heap fragment data: ', load<u32>(process, P_FRAGMENT_WORDS));
  put('Stack dump:\n');
  putFrames(process);
}

/** Calls `write` for `process`; false when memory is exhausted. */
function collectText(process: usize): bool {
  length = 0;
  failed = false;
  if (process == current) saveRegisters();
  write(process);
  return !failed;
}
/** Free the buffer when it has grown. */
function trim(): void {
  release(text);
  text = 0;
  capacity = 0;
}

/** The text as a binary for the running process; NONE when memory is exhausted. */
export function processText(process: usize): u64 {
  const binary = collectText(process) ? binaryOf(text, length) : NONE;
  trim();
  return binary;
}
/** The text at `writtenText`, of `writtenLength` bytes, until the next call; false as above. */
export function writeProcessText(process: usize): bool {
  return collectText(process);
}
export function writtenText(): usize {
  return text;
}
export function writtenLength(): u32 {
  return length;
}
