/** What flags of the emulator set for the whole system (erl(1)), besides vm/settings.ts. */
import { am_false, am_latin1, am_no_time_warp, am_unicode, am_utf8, am_warning } from './gen/atoms';
import { ATOMS_MAX } from './atoms';
import { PORTS_MAX } from './ports';

/** +pc: what io:printable_range tells. */
export let printableRange: u64 = am_latin1;
/** +W: what error_logger:warning_map tells. */
export let warningMap: u64 = am_warning;
/** +Bi */
export let breakIgnored: u64 = am_false;
/** +C: the mode that system_info tells; here time never warps. */
export let timeWarpMode: u64 = am_no_time_warp;
/** +Q and +t: what system_info tells; the VM's own limits hold. */
export let portLimit: i64 = PORTS_MAX as i64;
export let atomLimit: i64 = ATOMS_MAX as i64;

export function setPrintableRange(range: u64): void {
  printableRange = range == am_unicode || range == am_utf8 ? am_unicode : am_latin1;
}
export function setWarningMap(kind: u64): void {
  warningMap = kind;
}
export function setBreakIgnored(flag: u64): void {
  breakIgnored = flag;
}
export function setTimeWarpMode(mode: u64): void {
  timeWarpMode = mode;
}
export function setPortLimit(limit: i64): void {
  portLimit = limit;
}
export function setAtomLimit(limit: i64): void {
  atomLimit = limit;
}
