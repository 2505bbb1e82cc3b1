/**
 * os:getenv and its relatives: environment variables, kept as lists of characters. At boot they are
 * those of the host's program, when the host gives them to its guest, else there are none.
 */
import { allocate, release } from '../alloc';
import { badarg, outOfMemory } from '../errors';
import { am_false, am_true } from '../gen/atoms';
import { hostText, hostTextsRead, hostVariable } from '../files/host_texts';
import { hAlloc } from '../heap';
import { UTF_INCOMPLETE, readUtf8, utfBytes, utfCharacter } from '../unicode';
import { NIL, head, isList, isSmall, makeCons, smallOf, smallValue, tail } from '../term';
import { tuple2 } from '../signals';

/** Variable: next, name length, value length, then name and value as characters of 32 bits. */
const V_NEXT: u32 = 0;
const V_NAME: u32 = 4;
const V_VALUE: u32 = 8;
const V_TEXT: u32 = 12;
const CHARACTERS_MAX: u32 = 65536;
const VARIABLES_MAX: u32 = 4096;

let count: u32 = 0;

/** Characters of a flat list, -1 when it is none or too long. */
function lengthOf(list: u64): i32 {
  let n: u32 = 0;
  let rest = list;
  while (isList(rest)) {
    if (
      !isSmall(head(rest)) ||
      smallValue(head(rest)) < 1 ||
      smallValue(head(rest)) > 0x10ffff ||
      ++n > CHARACTERS_MAX
    )
      return -1;
    rest = tail(rest);
  }
  return rest == NIL ? n : -1;
}
function hasEquals(list: u64): bool {
  for (let rest = list; isList(rest); rest = tail(rest)) if (head(rest) == smallOf(61)) return true;
  return false;
}
function sameName(variable: usize, name: u64): bool {
  let rest = name;
  const length = load<u32>(variable, V_NAME);
  for (let i: u32 = 0; i < length; i++) {
    if (!isList(rest) || smallValue(head(rest)) != (load<u32>(variable + V_TEXT + (i << 2)) as i64))
      return false;
    rest = tail(rest);
  }
  return rest == NIL;
}
/** Put a variable with room for so many characters first; 0 when there is none. */
function newVariable(nameLength: u32, valueLength: u32): usize {
  if (count >= VARIABLES_MAX) return 0;
  const variable = allocate(V_TEXT + ((nameLength + valueLength) << 2));
  if (!variable) return 0;
  store<u32>(variable, load<u32>(firstSlot), V_NEXT);
  store<u32>(variable, nameLength, V_NAME);
  store<u32>(variable, valueLength, V_VALUE);
  store<u32>(firstSlot, variable as u32);
  count++;
  return variable;
}

// ---- variables of the host

let loaded: bool = false;

/** Characters of `bytes` bytes of UTF-8, written to `to` unless that is 0; a bad byte is one. */
function decode(from: usize, bytes: u32, to: usize): u32 {
  let characters: u32 = 0;
  let at: u32 = 0;
  while (at < bytes) {
    const read = readUtf8(from + at, 0, ((bytes - at) as u64) << 3);
    const good = read > UTF_INCOMPLETE;
    if (to) store<u32>(to + (characters << 2), good ? utfCharacter(read) : load<u8>(from + at));
    characters++;
    at += good ? utfBytes(read) : 1;
  }
  return characters;
}
/** Take the host's variables over, once. What finds no room is left out. */
function loadVariables(): void {
  if (loaded) return;
  loaded = true;
  for (let i: u32 = 0; i < VARIABLES_MAX; i++) {
    const bytes = hostVariable(i);
    if (bytes < 0) break;
    let middle: u32 = 0;
    while (middle < (bytes as u32) && load<u8>(hostText + middle) != 61) middle++;
    if (!middle || middle == (bytes as u32)) continue;
    const value = hostText + middle + 1;
    const valueBytes = (bytes as u32) - middle - 1;
    const nameLength = decode(hostText, middle, 0);
    const variable = newVariable(nameLength, decode(value, valueBytes, 0));
    if (!variable) break;
    decode(hostText, middle, variable + V_TEXT);
    decode(value, valueBytes, variable + V_TEXT + (nameLength << 2));
  }
  hostTextsRead();
}

/** The slot (address of a `next` word) that leads to the variable, or to 0. */
function slotOf(name: u64): usize {
  loadVariables();
  let slot = firstSlot;
  while (load<u32>(slot)) {
    const variable = load<u32>(slot) as usize;
    if (sameName(variable, name)) return slot;
    slot = variable + V_NEXT;
  }
  return slot;
}
const firstSlot: usize = memory.data(4, 4);

function textOf(from: usize, length: u32): u64 {
  let list = NIL;
  for (let i = length; i > 0; i--)
    list = makeCons(hAlloc(2), smallOf(load<u32>(from + ((i - 1) << 2)) as i64), list);
  return list;
}
function valueOf(variable: usize): u64 {
  return textOf(
    variable + V_TEXT + (load<u32>(variable, V_NAME) << 2),
    load<u32>(variable, V_VALUE),
  );
}

// bif: os:getenv/1
export function osGetenv1(name: u64): u64 {
  if (lengthOf(name) < 1) return badarg();
  const variable = load<u32>(slotOf(name)) as usize;
  return variable ? valueOf(variable) : am_false;
}
// bif: os:unsetenv/1
export function osUnsetenv1(name: u64): u64 {
  if (lengthOf(name) < 1 || hasEquals(name)) return badarg();
  const slot = slotOf(name);
  const variable = load<u32>(slot) as usize;
  if (variable) {
    store<u32>(slot, load<u32>(variable, V_NEXT));
    release(variable);
    count--;
  }
  return am_true;
}
// bif: os:putenv/2
export function osPutenv2(name: u64, value: u64): u64 {
  const nameLength = lengthOf(name);
  const valueLength = lengthOf(value);
  if (nameLength < 1 || valueLength < 0 || hasEquals(name)) return badarg();
  osUnsetenv1(name);
  const variable = newVariable(nameLength, valueLength);
  if (!variable) return outOfMemory();
  let at = variable + V_TEXT;
  for (let rest = name; isList(rest); rest = tail(rest)) {
    store<u32>(at, smallValue(head(rest)) as u32);
    at += 4;
  }
  for (let rest = value; isList(rest); rest = tail(rest)) {
    store<u32>(at, smallValue(head(rest)) as u32);
    at += 4;
  }
  return am_true;
}
// bif: os:env/0
export function osEnv0(): u64 {
  loadVariables();
  let list = NIL;
  for (
    let variable = load<u32>(firstSlot) as usize;
    variable;
    variable = load<u32>(variable, V_NEXT)
  ) {
    const name = textOf(variable + V_TEXT, load<u32>(variable, V_NAME));
    list = makeCons(hAlloc(2), tuple2(name, valueOf(variable)), list);
  }
  return list;
}
