/** Type tests and boolean operators as functions: erlang:is_atom/1 and its like. */
import { isNegative } from '../bignum';
import { badarg } from '../errors';
import { am_false, am_true } from '../gen/atoms';
import { isBoolean, isFunOfArity } from '../ops/tests';
import {
  NIL,
  isAtom,
  isBinary,
  isBitstring,
  isFloat,
  isFun,
  isInteger,
  isList,
  isMap,
  isNumber,
  isPid,
  isPort,
  isReference,
  isSmall,
  isTuple,
  smallValue,
  tupleArity,
  tupleElement,
} from '../term';

export function boolOf(value: bool): u64 {
  return value ? am_true : am_false;
}

// bif: erlang:is_integer/1
export function isInteger1(t: u64): u64 {
  return boolOf(isInteger(t));
}
// bif: erlang:is_float/1
export function isFloat1(t: u64): u64 {
  return boolOf(isFloat(t));
}
// bif: erlang:is_number/1
export function isNumber1(t: u64): u64 {
  return boolOf(isNumber(t));
}
// bif: erlang:is_atom/1
export function isAtom1(t: u64): u64 {
  return boolOf(isAtom(t));
}
// bif: erlang:is_pid/1
export function isPid1(t: u64): u64 {
  return boolOf(isPid(t));
}
// bif: erlang:is_reference/1
export function isReference1(t: u64): u64 {
  return boolOf(isReference(t));
}
// bif: erlang:is_port/1
export function isPort1(t: u64): u64 {
  return boolOf(isPort(t));
}
// bif: erlang:is_binary/1
export function isBinary1(t: u64): u64 {
  return boolOf(isBinary(t));
}
// bif: erlang:is_bitstring/1
export function isBitstring1(t: u64): u64 {
  return boolOf(isBitstring(t));
}
// bif: erlang:is_map/1
export function isMap1(t: u64): u64 {
  return boolOf(isMap(t));
}
// bif: erlang:is_function/1
export function isFunction1(t: u64): u64 {
  return boolOf(isFun(t));
}
// bif: erlang:is_tuple/1
export function isTuple1(t: u64): u64 {
  return boolOf(isTuple(t));
}
// bif: erlang:is_list/1
export function isList1(t: u64): u64 {
  return boolOf(isList(t) || t == NIL);
}
// bif: erlang:is_boolean/1
export function isBoolean1(t: u64): u64 {
  return boolOf(isBoolean(t));
}
// bif: erlang:is_function/2
export function isFunction2(t: u64, arity: u64): u64 {
  if (!isInteger(arity)) return badarg();
  if (!isSmall(arity)) return isNegative(arity) ? badarg() : am_false;
  if (smallValue(arity) < 0) return badarg();
  return boolOf(smallValue(arity) <= 255 && isFunOfArity(t, smallValue(arity) as u32));
}
// bif: erlang:is_record/2
export function isRecord2(t: u64, tag: u64): u64 {
  if (!isAtom(tag)) return badarg();
  return boolOf(isTuple(t) && tupleArity(t) > 0 && tupleElement(t, 1) == tag);
}
// bif: erlang:is_record/3
export function isRecord3(t: u64, tag: u64, size: u64): u64 {
  if (!isAtom(tag) || !isSmall(size)) return badarg();
  if (!isTuple(t) || tupleArity(t) == 0) return am_false;
  return boolOf((tupleArity(t) as i64) == smallValue(size) && tupleElement(t, 1) == tag);
}
// bif: erlang:not/1
export function not1(t: u64): u64 {
  return isBoolean(t) ? boolOf(t == am_false) : badarg();
}
// bif: erlang:and/2
export function and2(a: u64, b: u64): u64 {
  return isBoolean(a) && isBoolean(b) ? boolOf(a == am_true && b == am_true) : badarg();
}
// bif: erlang:or/2
export function or2(a: u64, b: u64): u64 {
  return isBoolean(a) && isBoolean(b) ? boolOf(a == am_true || b == am_true) : badarg();
}
// bif: erlang:xor/2
export function xor2(a: u64, b: u64): u64 {
  return isBoolean(a) && isBoolean(b) ? boolOf(a != b) : badarg();
}
