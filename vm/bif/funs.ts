/** BIFs about funs. */
import { binaryOf } from '../binary';
import {
  E_ARITY,
  E_FUNCTION,
  E_MODULE,
  FUN_ADDRESS,
  FUN_ARITY,
  FUN_INDEX,
  FUN_MD5,
  FUN_MODULE,
  FUN_NAME,
  FUN_UNIQ,
  exportEntry,
} from '../code';
import { badarg, outOfMemory } from '../errors';
import {
  am_arity,
  am_env,
  am_external,
  am_index,
  am_local,
  am_module,
  am_name,
  am_new_index,
  am_new_uniq,
  am_pid,
  am_refc,
  am_type,
  am_undefined,
  am_uniq,
} from '../gen/atoms';
import { hAlloc } from '../heap';
import { tuple2, tuple3 } from '../signals';
import {
  NIL,
  NONE,
  SUB_EXPORT,
  SUB_FUN,
  boxedHeader,
  boxedOf,
  boxedWord,
  headerOf,
  headerWords,
  isAtom,
  isFun,
  isKind,
  isSmall,
  makeCons,
  makerOf,
  smallOf,
  smallValue,
} from '../term';

// bif: erlang:make_fun/3
export function makeFun3(module: u64, name: u64, arity: u64): u64 {
  if (!isAtom(module) || !isAtom(name) || !isSmall(arity)) return badarg();
  const value = smallValue(arity);
  if (value < 0 || value > 255) return badarg();
  const entry = exportEntry(module, name, value as u32);
  if (!entry) return outOfMemory();
  const at = hAlloc(2);
  store<u64>(at, headerOf(SUB_EXPORT, 1));
  store<u64>(at, entry as u64, 8);
  return boxedOf(at);
}

/** [] as long as there is no code. */
function nameOf(entry: usize): u64 {
  const name = load<u64>(entry, FUN_NAME);
  return name && load<u32>(entry, FUN_ADDRESS) ? name : NIL;
}
function environment(fun: u64): u64 {
  let list = NIL;
  for (let i = headerWords(boxedHeader(fun)); i >= 3; i--)
    list = makeCons(hAlloc(2), boxedWord(fun, i), list);
  return list;
}

/** The value of `item` for a local fun, NONE when there is no such item. */
function localInfo(fun: u64, item: u64): u64 {
  const entry = boxedWord(fun, 1) as usize;
  if (item == am_module) return load<u64>(entry, FUN_MODULE);
  if (item == am_name) return nameOf(entry);
  if (item == am_arity) return smallOf(load<u32>(entry, FUN_ARITY));
  if (item == am_env) return environment(fun);
  if (item == am_type) return am_local;
  if (item == am_index || item == am_new_index) return smallOf(load<u32>(entry, FUN_INDEX));
  if (item == am_uniq) return smallOf(load<u32>(entry, FUN_UNIQ));
  if (item == am_new_uniq) return binaryOf(entry + FUN_MD5, 16);
  if (item == am_pid) return makerOf(fun);
  // This one, and the code that makes such funs: others are not counted.
  if (item == am_refc) return smallOf(load<u32>(entry, FUN_ADDRESS) ? 2 : 1);
  return NONE;
}
function externalInfo(fun: u64, item: u64): u64 {
  const entry = boxedWord(fun, 1) as usize;
  if (item == am_module) return load<u64>(entry, E_MODULE);
  if (item == am_name) return load<u64>(entry, E_FUNCTION);
  if (item == am_arity) return smallOf(load<u32>(entry, E_ARITY));
  if (item == am_env) return NIL;
  if (item == am_type) return am_external;
  const local =
    item == am_index ||
    item == am_new_index ||
    item == am_uniq ||
    item == am_new_uniq ||
    item == am_pid ||
    item == am_refc;
  return local ? am_undefined : NONE;
}

// bif: erlang:fun_info/2
export function funInfo2(fun: u64, item: u64): u64 {
  if (!isFun(fun) || !isAtom(item)) return badarg();
  const value = isKind(fun, SUB_FUN) ? localInfo(fun, item) : externalInfo(fun, item);
  return value == NONE ? badarg() : tuple2(item, value);
}
// bif: erlang:fun_info_mfa/1
export function funInfoMfa1(fun: u64): u64 {
  if (!isFun(fun)) return badarg();
  const entry = boxedWord(fun, 1) as usize;
  if (isKind(fun, SUB_FUN))
    return tuple3(
      load<u64>(entry, FUN_MODULE),
      nameOf(entry),
      smallOf(load<u32>(entry, FUN_ARITY)),
    );
  return tuple3(
    load<u64>(entry, E_MODULE),
    load<u64>(entry, E_FUNCTION),
    smallOf(load<u32>(entry, E_ARITY)),
  );
}
