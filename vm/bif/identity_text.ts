/**
 * Pids, ports, references and funs as text and back; the forms of OTP: <0.N.S>, #Port<0.N>,
 * #Ref<0.A.B.C>, #Fun<m.i.u>.
 */
import { QUOTED_ATOM_BYTES_MAX, writeAtom } from '../atom_quoting';
import { E_ARITY, E_FUNCTION, E_MODULE, FUN_INDEX, FUN_MODULE, FUN_UNIQ } from '../code';
import { badarg } from '../errors';
import { hAlloc } from '../heap';
import { isLocalReference, makeReference } from '../refs';
import { resourceTerm } from '../resource';
import { showReference, shownResource } from '../shown_resources';
import {
  NIL,
  SUB_EXPORT,
  SUB_EXTERNAL_PID,
  SUB_EXTERNAL_PORT,
  SUB_EXTERNAL_REF,
  SUB_FUN,
  boxedHeader,
  boxedWord,
  externalNumber,
  head,
  headerSubtag,
  headerWords,
  isBoxed,
  isKind,
  isList,
  isLocalPid,
  isLocalPort,
  isSmall,
  makeCons,
  pidNumber,
  PID_LOW_BITS,
  PID_LOW_MAX,
  PID_SERIAL_MAX,
  pidLow,
  pidOf,
  pidSerial,
  portOf,
  smallOf,
  smallValue,
  tail,
} from '../term';

/** Room for two atoms, and what stands between them. */
const TEXT_MAX: u32 = 2400;
const text: usize = memory.data(TEXT_MAX, 8);
let length: u32 = 0;

function put(byte: u32): void {
  if (length < TEXT_MAX) store<u8>(text + length++, byte as u8);
}
function putText(value: string): void {
  for (let i = 0; i < value.length; i++) put(value.charCodeAt(i));
}
function putNumber(value: u64): void {
  let scale: u64 = 1;
  while (value / scale >= 10) scale *= 10;
  for (; scale; scale /= 10) put((((value / scale) % 10) as u32) + 48);
}
function putAtom(atom: u64): void {
  if (length + QUOTED_ATOM_BYTES_MAX > TEXT_MAX) return;
  length = (writeAtom(atom, text + length) - text) as u32;
}
/** What was put, as a list of characters. */
function finish(): u64 {
  let list = NIL;
  for (let i = length; i > 0; i--)
    list = makeCons(hAlloc(2), smallOf(load<u8>(text + i - 1) as i64), list);
  return list;
}

/** As in OTP, the number of its name's atom stands for another node. */
function putNode(before: string, identity: u64): void {
  putText(before);
  putNumber(boxedWord(identity, 1) >> 6);
  put(46);
}

// bif: erlang:pid_to_list/1
export function pidToList1(pid: u64): u64 {
  length = 0;
  if (isKind(pid, SUB_EXTERNAL_PID)) {
    const number = externalNumber(pid);
    putNode('<', pid);
    putNumber(number & 0xffff_ffff);
    put(46);
    putNumber(number >> 32);
    put(62);
    return finish();
  }
  if (!isLocalPid(pid)) return badarg();
  putText('<0.');
  putNumber(pidLow(pidNumber(pid)));
  put(46);
  putNumber(pidSerial(pidNumber(pid)));
  put(62);
  return finish();
}
// bif: erlang:port_to_list/1
export function portToList1(port: u64): u64 {
  length = 0;
  if (isKind(port, SUB_EXTERNAL_PORT)) {
    putNode('#Port<', port);
    putNumber(externalNumber(port));
    put(62);
    return finish();
  }
  if (!isLocalPort(port)) return badarg();
  putText('#Port<0.');
  putNumber(pidNumber(port));
  put(62);
  return finish();
}
// bif: erlang:ref_to_list/1
export function refToList1(reference: u64): u64 {
  length = 0;
  if (isKind(reference, SUB_EXTERNAL_REF)) {
    putNode('#Ref<', reference);
    for (let i = headerWords(boxedHeader(reference)); i > 2; i--) {
      if (i < headerWords(boxedHeader(reference))) put(46);
      putNumber(boxedWord(reference, i) >> 4);
    }
    put(62);
    return finish();
  }
  if (!isLocalReference(reference)) return badarg();
  showReference(reference);
  const number = boxedWord(reference, 2);
  putText('#Ref<0.');
  putNumber(boxedWord(reference, 1));
  put(46);
  putNumber(number >> 32);
  put(46);
  putNumber(number & 0xffff_ffff);
  put(62);
  return finish();
}
// bif: erlang:fun_to_list/1
export function funToList1(fun: u64): u64 {
  if (!isBoxed(fun)) return badarg();
  const subtag = headerSubtag(boxedHeader(fun));
  if (subtag != SUB_FUN && subtag != SUB_EXPORT) return badarg();
  const entry = boxedWord(fun, 1) as usize;
  length = 0;
  if (subtag == SUB_EXPORT) {
    putText('fun ');
    putAtom(load<u64>(entry, E_MODULE));
    put(58);
    putAtom(load<u64>(entry, E_FUNCTION));
    put(47);
    putNumber(load<u32>(entry, E_ARITY));
    return finish();
  }
  putText('#Fun<');
  putAtom(load<u64>(entry, FUN_MODULE));
  put(46);
  putNumber(load<u32>(entry, FUN_INDEX));
  put(46);
  putNumber(load<u32>(entry, FUN_UNIQ));
  put(62);
  return finish();
}

// ---- reading

let at: usize = 0;
let end: usize = 0;

/**
 * Copy a list of bytes into the buffer; false when it is no flat list of characters or too long.
 */
function take(list: u64): bool {
  length = 0;
  let rest = list;
  while (isList(rest)) {
    const c = head(rest);
    if (!isSmall(c) || smallValue(c) < 0 || smallValue(c) > 255 || length == TEXT_MAX) return false;
    put(smallValue(c) as u32);
    rest = tail(rest);
  }
  at = text;
  end = text + length;
  return rest == NIL;
}
function expect(value: string): bool {
  for (let i = 0; i < value.length; i++) {
    if (at == end || (load<u8>(at) as i32) != value.charCodeAt(i)) return false;
    at++;
  }
  return true;
}
/** A decimal number up to `limit`, -1 when there is none. */
function number(limit: i64): i64 {
  const start = at;
  let value: i64 = 0;
  while (at < end && load<u8>(at) >= 48 && load<u8>(at) <= 57) {
    value = value * 10 + ((load<u8>(at) - 48) as i64);
    if (value > limit) return -1;
    at++;
  }
  return at == start ? -1 : value;
}

// bif: erlang:list_to_pid/1
export function listToPid1(list: u64): u64 {
  if (!take(list) || !expect('<0.')) return badarg();
  const low = number(PID_LOW_MAX as i64);
  if (low < 0 || !expect('.')) return badarg();
  const serial = number(PID_SERIAL_MAX as i64);
  if (serial < 0 || !expect('>') || at != end) return badarg();
  return pidOf((low as u32) | ((serial as u32) << PID_LOW_BITS));
}
// bif: erlang:list_to_port/1
export function listToPort1(list: u64): u64 {
  if (!take(list) || !expect('#Port<0.')) return badarg();
  const value = number(0x0fff_ffff);
  return value < 0 || !expect('>') || at != end ? badarg() : portOf(value as u32);
}
// bif: erlang:list_to_ref/1
export function listToRef1(list: u64): u64 {
  if (!take(list) || !expect('#Ref<0.')) return badarg();
  const first = number(0);
  if (first < 0 || !expect('.')) return badarg();
  const high = number(0xffff_ffff);
  if (high < 0 || !expect('.')) return badarg();
  const low = number(0xffff_ffff);
  if (low < 0 || !expect('>') || at != end) return badarg();
  const whole = ((high as u64) << 32) | (low as u64);
  const resource = shownResource(whole);
  return resource ? resourceTerm(resource) : makeReference(whole);
}
