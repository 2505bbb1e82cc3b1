/**
 * os:getenv and its relatives: environment variables, kept as lists in one term of the VM's own;
 * empty at boot.
 */
import { allocate, release } from '../alloc';
import { badarg, outOfMemory } from '../errors';
import { am_false, am_true } from '../gen/atoms';
import { hAlloc } from '../heap';
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
/** The slot (address of a `next` word) that leads to the variable, or to 0. */
function slotOf(name: u64): usize {
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
  const variable = count < VARIABLES_MAX ? allocate(V_TEXT + ((nameLength + valueLength) << 2)) : 0;
  if (!variable) return outOfMemory();
  store<u32>(variable, load<u32>(firstSlot), V_NEXT);
  store<u32>(variable, nameLength, V_NAME);
  store<u32>(variable, valueLength, V_VALUE);
  let at = variable + V_TEXT;
  for (let rest = name; isList(rest); rest = tail(rest)) {
    store<u32>(at, smallValue(head(rest)) as u32);
    at += 4;
  }
  for (let rest = value; isList(rest); rest = tail(rest)) {
    store<u32>(at, smallValue(head(rest)) as u32);
    at += 4;
  }
  store<u32>(firstSlot, variable as u32);
  count++;
  return am_true;
}
// bif: os:env/0
export function osEnv0(): u64 {
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
