/**
 * Reads the BPF Type Format: the types of a Linux kernel, which a kernel carries with it
 * (Documentation/bpf/btf.rst of its sources). What this gives are facts of the interface: how large
 * structures are and where their fields lie, the arguments of functions, the values of constants.
 */
const MAGIC = 0xeb9f;
/** Of a type: how many bytes follow its three words, for one member and besides. */
const kinds: readonly { readonly name: string; readonly each: number; readonly once: number }[] = [
  { name: 'void', each: 0, once: 0 },
  { name: 'int', each: 0, once: 4 },
  { name: 'pointer', each: 0, once: 0 },
  { name: 'array', each: 0, once: 12 },
  { name: 'struct', each: 12, once: 0 },
  { name: 'union', each: 12, once: 0 },
  { name: 'enum', each: 8, once: 0 },
  { name: 'forward', each: 0, once: 0 },
  { name: 'typedef', each: 0, once: 0 },
  { name: 'volatile', each: 0, once: 0 },
  { name: 'const', each: 0, once: 0 },
  { name: 'restrict', each: 0, once: 0 },
  { name: 'function', each: 0, once: 0 },
  { name: 'prototype', each: 8, once: 0 },
  { name: 'variable', each: 0, once: 4 },
  { name: 'section', each: 12, once: 0 },
  { name: 'float', each: 0, once: 0 },
  { name: 'declaration tag', each: 0, once: 4 },
  { name: 'type tag', each: 0, once: 0 },
  { name: 'enum64', each: 12, once: 0 },
];
const transparent = new Set(['typedef', 'volatile', 'const', 'restrict', 'type tag']);
const POINTER_BYTES = 8;

interface Type {
  readonly kind: string;
  readonly name: string;
  readonly count: number;
  readonly flag: boolean;
  /** Size in bytes, or the type that it is made of. */
  readonly size: number;
  /** Where what follows it begins. */
  readonly at: number;
}

/** A value as it is passed: signed or unsigned of so many bytes, a pointer, nothing, or other. */
export type Passed = { readonly signed: boolean; readonly bytes: number } | 'pointer' | 'void';
export interface Field {
  readonly name: string;
  readonly bitOffset: number;
  readonly bits: number;
  /** The name of the structure that it is, if it is one. */
  readonly struct: string;
}
export interface Prototype {
  readonly parameters: readonly Passed[];
  readonly result: Passed;
  readonly variadic: boolean;
}

export class Btf {
  private readonly types: Type[] = [
    { kind: 'void', name: '', count: 0, flag: false, size: 0, at: 0 },
  ];
  private readonly view: DataView;
  private readonly bytes: Uint8Array;
  /** Where the texts begin. */
  private readonly strings: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.u16(0) !== MAGIC) throw new Error('no BPF type format');
    const header = this.u32(4);
    const end = header + this.u32(8) + this.u32(12);
    const strings = header + this.u32(16);
    for (let at = header + this.u32(8); at < end; ) {
      const information = this.u32(at + 4);
      const kind = kinds[(information >>> 24) & 31];
      if (!kind) throw new Error(`BPF type format: unknown kind ${information >>> 24}`);
      const count = information & 0xffff;
      const name = this.text(strings + this.u32(at));
      const type = { kind: kind.name, name, count, size: this.u32(at + 8), at: at + 12 };
      this.types.push({ ...type, flag: information >>> 31 === 1 });
      at += 12 + kind.once + kind.each * count;
    }
    this.strings = strings;
  }

  private u16(at: number): number {
    return this.view.getUint16(at, true);
  }
  private u32(at: number): number {
    return this.view.getUint32(at, true);
  }
  private text(at: number): string {
    let end = at;
    while (this.bytes[end]) end++;
    return Buffer.from(this.bytes.subarray(at, end)).toString('latin1');
  }
  private type(index: number): Type {
    const type = this.types[index];
    if (!type) throw new Error(`BPF type format: no type ${index}`);
    return type;
  }
  /** What a type is, without names and qualifiers. */
  private bare(index: number): Type {
    let type = this.type(index);
    while (transparent.has(type.kind)) type = this.type(type.size);
    return type;
  }
  private sizeOf(index: number): number {
    let count = 1;
    let type = this.bare(index);
    while (type.kind === 'array') {
      count *= this.u32(type.at + 8);
      type = this.bare(this.u32(type.at));
    }
    return count * (type.kind === 'pointer' ? POINTER_BYTES : type.size);
  }

  private passed(index: number): Passed {
    const type = this.bare(index);
    if (type.kind === 'void') return 'void';
    if (type.kind === 'pointer') return 'pointer';
    const signed = type.kind === 'int' ? (this.u32(type.at) & (1 << 24)) !== 0 : type.flag;
    return { signed, bytes: type.size };
  }

  /** Structures and unions by name, the first of each. */
  structs(wanted: (name: string) => boolean): Map<string, { size: number; fields: Field[] }> {
    const found = new Map<string, { size: number; fields: Field[] }>();
    for (const type of this.types)
      if ((type.kind === 'struct' || type.kind === 'union') && type.name && wanted(type.name))
        if (!found.has(type.name))
          found.set(type.name, { size: type.size, fields: this.fields(type, 0) });
    return found;
  }

  /** Fields of members without a name count as the structure's own. */
  private fields(type: Type, base: number): Field[] {
    const list: Field[] = [];
    for (let i = 0; i < type.count; i++) {
      const at = type.at + 12 * i;
      const name = this.text(this.strings + this.u32(at));
      const member = this.u32(at + 4);
      const offset = this.u32(at + 8);
      const bitOffset = base + (type.flag ? offset & 0xff_ffff : offset);
      const bits = type.flag ? offset >>> 24 : 0;
      const bare = this.bare(member);
      const isStruct = bare.kind === 'struct' || bare.kind === 'union';
      if (name === '' && isStruct) list.push(...this.fields(bare, bitOffset));
      else if (name !== '') {
        const struct = isStruct ? bare.name : '';
        list.push({ name, bitOffset, bits: bits || 8 * this.sizeOf(member), struct });
      }
    }
    return list;
  }

  functions(wanted: (name: string) => boolean): Map<string, Prototype> {
    const found = new Map<string, Prototype>();
    for (const type of this.types)
      if (type.kind === 'function' && wanted(type.name))
        found.set(type.name, this.prototype(this.type(type.size)));
    return found;
  }

  private prototype(type: Type): Prototype {
    const rows = Array.from({ length: type.count }, (_, i) => type.at + 8 * i);
    const last = rows.at(-1);
    // An argument of no name and no type stands for all that may follow.
    const variadic = last !== undefined && this.u32(last) === 0 && this.u32(last + 4) === 0;
    const parameters = rows.slice(0, variadic ? -1 : undefined);
    return {
      parameters: parameters.map((at) => this.passed(this.u32(at + 4))),
      result: this.passed(type.size),
      variadic,
    };
  }

  constants(wanted: (name: string) => boolean): Map<string, number> {
    const found = new Map<string, number>();
    for (const type of this.types)
      if (type.kind === 'enum')
        for (let i = 0; i < type.count; i++) {
          const name = this.text(this.strings + this.u32(type.at + 8 * i));
          if (wanted(name)) found.set(name, this.view.getInt32(type.at + 8 * i + 4, true));
        }
    return found;
  }
}
