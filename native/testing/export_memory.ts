/** For tests: adds an export `memory` to a module that has a memory but does not export it. */

const exportSection = 7;
const entry = Uint8Array.from([6, ...new TextEncoder().encode('memory'), 2, 0]);

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function readLeb(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let shift = 0, next = at; ; shift += 7) {
    const byte = bytes[next++] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value, next };
  }
}

export function exportMemory(wasm: Uint8Array): Uint8Array {
  const module = new WebAssembly.Module(wasm);
  if (WebAssembly.Module.exports(module).some((e) => e.kind === 'memory')) return wasm;
  let at = 8;
  while (at < wasm.length) {
    const { value: size, next } = readLeb(wasm, at + 1);
    if (wasm[at] === exportSection) {
      const count = readLeb(wasm, next);
      const body = [...leb(count.value + 1), ...wasm.subarray(count.next, next + size), ...entry];
      const head = [exportSection, ...leb(body.length)];
      return Uint8Array.from([
        ...wasm.subarray(0, at),
        ...head,
        ...body,
        ...wasm.subarray(next + size),
      ]);
    }
    at = next + size;
  }
  throw new Error('the module has no export section');
}
