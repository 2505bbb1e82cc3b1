/** Loads vm/probe_maps.ts: the functions of vm/maps.ts with terms as bigints. */
import { buildVm } from '../../tools/build_vm.ts';

export interface MapsProbe {
  init(start: number, end: number): void;
  reset(): void;
  allocate(bytes: number): number;
  release(address: number): void;
  pair(first: bigint, second: bigint): bigint;
  cons(first: bigint, rest: bigint): bigint;
  floatOf(value: number): bigint;
  identical(a: bigint, b: bigint): number;
  compareKeys(a: bigint, b: bigint): number;
  setHashMask(mask: number): void;
  emptyMap(): bigint;
  isFlatMap(map: bigint): number;
  mapFromPairs(pairs: number, count: number): bigint;
  mapGet(map: bigint, key: bigint): bigint;
  mapPut(map: bigint, key: bigint, value: bigint): bigint;
  mapUpdate(map: bigint, key: bigint, value: bigint): bigint;
  mapRemove(map: bigint, key: bigint): bigint;
  mapSize(map: bigint): number;
  walk(map: bigint, position: bigint, limit: number, at: number): number;
  walkPosition(): bigint;
}

export const NIL = 0x3bn;
export const small = (n: number): bigint => BigInt.asUintN(64, (BigInt(n) << 4n) | 15n);
export const smallValue = (term: bigint): number => Number(BigInt.asIntN(64, term) >> 4n);

export async function loadMapsProbe(): Promise<{ vm: MapsProbe; memory: WebAssembly.Memory }> {
  const { wasm } = await buildVm({ level: 1, entry: 'vm/probe_maps.ts' });
  const memory = new WebAssembly.Memory({ initial: 4096, maximum: 65536 });
  const module = await WebAssembly.compile(wasm);
  const imports: Record<string, Record<string, unknown>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = kind === 'memory' ? memory : () => 0;
  }
  const instance = await WebAssembly.instantiate(module, imports as WebAssembly.Imports);
  const raw = instance.exports as unknown as MapsProbe;
  // Wasm hands out signed 64-bit numbers; terms are unsigned.
  const vm = Object.fromEntries(
    Object.entries(raw).map(([name, fn]) => [
      name,
      typeof fn === 'function'
        ? (...args: never[]) => {
            const result: unknown = (fn as (...a: never[]) => unknown)(...args);
            return typeof result === 'bigint' ? BigInt.asUintN(64, result) : result;
          }
        : fn,
    ]),
  ) as unknown as MapsProbe;
  vm.init(8 << 20, 256 << 20);
  return { vm, memory };
}
