/**
 * The first processes, as the boot archive's file `boot` wants them:
 *
 *     MODULE FUNCTION             MODULE:FUNCTION() alone, on the bare VM
 *     otp ARGUMENT... (see below) OTP: erl_init:start(init, Arguments) and OTP's system processes
 *     erl                         the same with the arguments that vbeam_erl_command:start/0 makes
 *                                 of the command line that the host gives
 *
 * The arguments of OTP are those that a C runtime hands to `init` (erl_init.c): each of them as it
 * is, any bytes but 0, ended by a byte 0; the first one begins behind the newline after `otp`.
 *
 *     otp\n-root\0/otp\0-bindir\0/otp/bin\0-progname\0erl\0--\0-home\0/\0--\0-noshell\0...
 *
 * As with OTP, `init` is process 0. The system processes stand beside it: the purger of old code
 * and those that a VM with other schedulers would need; they wait for messages, and init does not
 * stop them.
 */
import { archiveFileLength, archiveFind, loadNamed, loadPreloaded } from './archive';
import { atomFromUtf8 } from './atoms';
import { binaryOf } from './binary';
import {
  am_erl_init,
  am_erts_code_purger,
  am_erts_dirty_process_signal_handler,
  am_erts_literal_area_collector,
  am_init,
  am_start,
  am_vbeam_erl_command,
} from './gen/atoms';
import { isProgram } from './files/host_texts';
import { P_GROUP_LEADER, P_ID, P_PARENT } from './gen/layout';
import { hAlloc, memoryExhausted } from './heap';
import { setLiteralCollector } from './literal_collector';
import { PRIORITY_HIGH, PRIORITY_MAX, PRIORITY_NORMAL } from './process';
import { setRootProcess } from './scheduler';
import {
  resetSpawnOptions,
  setSpawnPriority,
  setSpawnSystem,
  spawnProcess,
  startSpawned,
} from './spawn';
import { NIL, NONE, makeCons } from './term';
import { enterTemporaryHeap, leaveTemporaryHeap } from './temporary_heap';

/** Longest `boot` file, and longest argument. */
const BOOT_BYTES_MAX: u32 = 4 << 20;
const BARE_BYTES_MAX: u32 = 512;
/** "otp\n" as the word at its start. */
const OTP_LINE: u32 = 0x0a70_746f;
/** "erl\n" */
const ERL_LINE: u32 = 0x0a6c_7265;

/** What is wrong when startFirstProcesses is false. */
export let bootFailure: string = '';

function bootFails(why: string): bool {
  bootFailure = why;
  return false;
}

function isSpace(byte: u8): bool {
  return byte == 32 || byte == 10 || byte == 13;
}

/** Let the first process run; the system ends with it. */
function startRoot(process: usize): bool {
  if (!process) return bootFails('no memory for the first process');
  setRootProcess(load<u64>(process, P_ID));
  startSpawned(process);
  return true;
}

function startBare(text: usize, length: u32): bool {
  let middle: u32 = 0;
  while (middle < length && !isSpace(load<u8>(text + middle))) middle++;
  let end = middle + 1;
  while (end < length && !isSpace(load<u8>(text + end))) end++;
  if (middle == 0 || end <= middle + 1 || end > length || length > BARE_BYTES_MAX)
    return bootFails('the file "boot" must hold a module and a function');
  const module = atomFromUtf8(text, middle);
  const name = atomFromUtf8(text + middle + 1, end - middle - 1);
  resetSpawnOptions();
  return startRoot(module && name ? spawnProcess(module, name, NIL) : 0);
}

/** The arguments between two addresses as a list of binaries; NONE without memory. */
function argumentList(start: usize, end: usize): u64 {
  let list = NIL;
  let last = end;
  for (let at = end; at > start; ) {
    at--;
    if (at > start && load<u8>(at - 1) != 0) continue;
    const argument = binaryOf(at, (last - at - 1) as u32);
    if (argument == NONE || memoryExhausted) return NONE;
    list = makeCons(hAlloc(2), argument, list);
    last = at;
  }
  return list;
}

function startInit(text: usize, length: u32): usize {
  if (load<u8>(text + length - 1) != 0) return 0;
  resetSpawnOptions();
  enterTemporaryHeap();
  const list = argumentList(text, text + length);
  const rest = list == NONE ? 0 : makeCons(hAlloc(2), list, NIL);
  const process = rest
    ? spawnProcess(am_erl_init, am_start, makeCons(hAlloc(2), am_init, rest))
    : 0;
  leaveTemporaryHeap();
  return process;
}

/** The process that becomes `init` when it has made arguments of the host's command line. */
function startCommand(): usize {
  if (!isProgram || !loadNamed(am_vbeam_erl_command)) return 0;
  resetSpawnOptions();
  return spawnProcess(am_vbeam_erl_command, am_start, NIL);
}

/** A process of the runtime's own, a child of `init`. */
function startSystem(module: u64, init: usize, priority: u32): bool {
  resetSpawnOptions();
  setSpawnSystem(true);
  setSpawnPriority(priority);
  const process = spawnProcess(module, am_start, NIL);
  if (!process) return bootFails('no memory for the system processes');
  store<u64>(process, load<u64>(init, P_ID), P_PARENT);
  store<u64>(process, load<u64>(init, P_ID), P_GROUP_LEADER);
  if (module == am_erts_literal_area_collector) setLiteralCollector(load<u64>(process, P_ID));
  startSpawned(process);
  return true;
}

/** Spawn what the archive's `boot` file names; false after setting bootFailure. */
export function startFirstProcesses(): bool {
  const text = archiveFind('boot');
  const length = archiveFileLength;
  if (!text || !length || length > BOOT_BYTES_MAX)
    return bootFails('the boot archive has no usable file "boot"');
  const isErl = length >= 4 && load<u32>(text) == ERL_LINE;
  if (!isErl && (length < 8 || load<u32>(text) != OTP_LINE)) return startBare(text, length);
  if (!loadPreloaded()) return bootFails('the modules of erts cannot be loaded');
  const init = isErl ? startCommand() : startInit(text + 4, length - 4);
  if (!init) return bootFails('the arguments in the file "boot" are not usable');
  return (
    startRoot(init) &&
    startSystem(am_erts_code_purger, init, PRIORITY_HIGH) &&
    startSystem(am_erts_literal_area_collector, init, PRIORITY_HIGH) &&
    startSystem(am_erts_dirty_process_signal_handler, init, PRIORITY_NORMAL) &&
    startSystem(am_erts_dirty_process_signal_handler, init, PRIORITY_HIGH) &&
    startSystem(am_erts_dirty_process_signal_handler, init, PRIORITY_MAX)
  );
}
