/**
 * External terms (https://www.erlang.org/doc/apps/erts/erl_ext_dist) as data, as far as `.beam`
 * files hold them, and as Erlang text.
 */
import { inflateSync } from 'node:zlib';
import { Reader } from './reader.ts';

export type Term =
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'atom'; readonly name: string }
  | { readonly kind: 'list'; readonly elements: readonly Term[]; readonly tail: Term | null }
  | { readonly kind: 'tuple'; readonly elements: readonly Term[] }
  | { readonly kind: 'map'; readonly pairs: readonly (readonly [Term, Term])[] }
  | { readonly kind: 'bits'; readonly bytes: Uint8Array; readonly lastBits: number }
  | {
      readonly kind: 'export';
      readonly module: string;
      readonly name: string;
      readonly arity: number;
    }
  | { readonly kind: 'other'; readonly text: string };

/** Terms nested more deeply are refused: no compiler writes them, and reading them recurses. */
const depthMax = 500;
/** Bytes that a compressed term may promise. */
const inflatedMax = 1 << 28;

function utf8(reader: Reader, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return reader.fail('has an atom that is not UTF-8');
  }
}
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

const atomReaders: Readonly<Record<number, (reader: Reader) => string>> = {
  100: (r) => latin1(r.take(r.u16())),
  115: (r) => latin1(r.take(r.u8())),
  118: (r) => utf8(r, r.take(r.u16())),
  119: (r) => utf8(r, r.take(r.u8())),
};
function readAtom(reader: Reader): string {
  const read = atomReaders[reader.u8()];
  return read ? read(reader) : reader.fail('has no atom where one must be');
}

const integer = (value: bigint | number): Term => ({ kind: 'integer', value: BigInt(value) });

function readBig(reader: Reader, bytes: number): Term {
  const negative = reader.u8() !== 0;
  const digits = Buffer.from(reader.take(bytes)).reverse().toString('hex');
  const magnitude = BigInt(`0x0${digits}`);
  return integer(negative ? -magnitude : magnitude);
}

function readMany(reader: Reader, count: number, depth: number): Term[] {
  if (count > reader.left) reader.fail('has a term that is cut off');
  return Array.from({ length: count }, () => readPlainTerm(reader, depth + 1));
}

function readList(reader: Reader, depth: number): Term {
  const elements = readMany(reader, reader.u32(), depth);
  const tail = readPlainTerm(reader, depth + 1);
  const proper = tail.kind === 'list' && tail.elements.length === 0 && tail.tail === null;
  return { kind: 'list', elements, tail: proper ? null : tail };
}

function readMap(reader: Reader, depth: number): Term {
  const flat = readMany(reader, reader.u32() * 2, depth);
  const pairs = Array.from(
    { length: flat.length / 2 },
    (_, i) => [flat[2 * i]!, flat[2 * i + 1]!] as const,
  );
  return { kind: 'map', pairs };
}

function readExport(reader: Reader): Term {
  const module = readAtom(reader);
  const name = readAtom(reader);
  if (reader.u8() !== 97) reader.fail('has a fun without arity');
  return { kind: 'export', module, name, arity: reader.u8() };
}

/** Identifiers: what follows the node's name, by tag. */
const identifiers: Readonly<Record<number, readonly [name: string, bytes: number]>> = {
  88: ['pid', 12],
  89: ['port', 8],
  102: ['port', 5],
  103: ['pid', 9],
  120: ['port', 12],
};
function readIdentifier(reader: Reader, tag: number): Term {
  const known = identifiers[tag];
  if (known) {
    const node = readAtom(reader);
    const data = Buffer.from(reader.take(known[1])).toString('hex');
    return { kind: 'other', text: `<${known[0]} ${node} ${data}>` };
  }
  if (tag === 90 || tag === 114) {
    const words = reader.u16();
    const node = readAtom(reader);
    const data = Buffer.from(reader.take(words * 4 + (tag === 90 ? 4 : 1))).toString('hex');
    return { kind: 'other', text: `<reference ${node} ${data}>` };
  }
  if (tag === 112) {
    const size = reader.u32();
    if (size < 4) reader.fail('has a malformed fun');
    return {
      kind: 'other',
      text: `<fun ${Buffer.from(reader.take(size - 4)).toString('hex', 0, 17)}>`,
    };
  }
  return reader.fail(`has a term of the unknown tag ${tag}`);
}

const termReaders: Readonly<Record<number, (reader: Reader, depth: number) => Term>> = {
  70: (r) => ({ kind: 'float', value: r.f64() }),
  77: (r) => {
    const bytes = r.u32();
    const lastBits = r.u8();
    return { kind: 'bits', bytes: r.take(bytes), lastBits };
  },
  97: (r) => integer(r.u8()),
  98: (r) => integer(r.i32()),
  99: (r) => ({ kind: 'float', value: Number(latin1(r.take(31)).replace(/\0.*$/, '')) }),
  104: (r, depth) => ({ kind: 'tuple', elements: readMany(r, r.u8(), depth) }),
  105: (r, depth) => ({ kind: 'tuple', elements: readMany(r, r.u32(), depth) }),
  106: () => ({ kind: 'list', elements: [], tail: null }),
  107: (r) => ({ kind: 'list', elements: Array.from(r.take(r.u16()), integer), tail: null }),
  108: readList,
  109: (r) => ({ kind: 'bits', bytes: r.take(r.u32()), lastBits: 8 }),
  110: (r) => readBig(r, r.u8()),
  111: (r) => readBig(r, r.u32()),
  113: readExport,
  116: readMap,
};

function readPlainTerm(reader: Reader, depth: number): Term {
  if (depth > depthMax) reader.fail(`has a term nested more than ${depthMax} deep`);
  const tag = reader.u8();
  const atom = atomReaders[tag];
  if (atom) return { kind: 'atom', name: atom(reader) };
  const read = termReaders[tag];
  return read ? read(reader, depth) : readIdentifier(reader, tag);
}

/** Bytes of a zlib stream that must inflate to `size` bytes. */
export function inflated(reader: Reader, data: Uint8Array, size: number): Uint8Array {
  if (size > inflatedMax || size > data.length * 1032)
    reader.fail('promises more bytes than it can hold');
  let plain: Uint8Array;
  try {
    plain = inflateSync(data, { maxOutputLength: size + 1 });
  } catch {
    return reader.fail('is not compressed as zlib does');
  }
  if (plain.length !== size) reader.fail('holds another number of bytes than it promises');
  return plain;
}

/** The term in `bytes`, which begins with the version byte and is nothing else. */
export function readTerm(bytes: Uint8Array, place: string): Term {
  let reader = new Reader(bytes, place);
  if (reader.u8() !== 131) reader.fail('is not an external term');
  if (bytes[1] === 80) {
    reader.u8();
    const size = reader.u32();
    reader = new Reader(inflated(reader, reader.take(reader.left), size), place);
  }
  const term = readPlainTerm(reader, 0);
  if (reader.left) reader.fail('has bytes behind its term');
  return term;
}

// ---- Erlang text

const reserved = new Set(
  (
    'after and andalso band begin bnot bor bsl bsr bxor case catch cond div else end fun if let maybe not of or ' +
    'orelse receive rem try when xor'
  ).split(' '),
);
const escapes: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
  '\x1b': '\\e',
  '\\': '\\\\',
};
function escaped(text: string, quote: string): string {
  return [...text]
    .map((character) => {
      if (character === quote) return `\\${quote}`;
      const known = escapes[character];
      if (known) return known;
      const point = character.codePointAt(0)!;
      return point < 32 || (point >= 127 && point < 160)
        ? `\\x{${point.toString(16).toUpperCase()}}`
        : character;
    })
    .join('');
}

/** An atom as Erlang source. */
export function atomText(name: string): string {
  if (/^[a-zß-öø-ÿ][\wÀ-ÖØ-öø-ÿ@]*$/.test(name) && !reserved.has(name)) return name;
  return `'${escaped(name, "'")}'`;
}

function isText(elements: readonly Term[]): boolean {
  return elements.every(
    (each) =>
      each.kind === 'integer' &&
      ((each.value >= 32n && each.value < 127n) || each.value === 10n || each.value === 9n),
  );
}
function floatText(value: number): string {
  if (!Number.isFinite(value)) return '<float>';
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  const [mantissa = '', exponent] = text.split('e');
  const point = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? point : `${point}e${exponent.replace('+', '')}`;
}
function bitsText(bytes: Uint8Array, lastBits: number): string {
  if (lastBits === 8 && bytes.length && bytes.every((byte) => byte >= 32 && byte < 127))
    return `<<"${escaped(latin1(bytes), '"')}">>`;
  const parts = Array.from(bytes, String);
  if (lastBits !== 8 && parts.length)
    parts[parts.length - 1] = `${bytes[bytes.length - 1]! >> (8 - lastBits)}:${lastBits}`;
  return `<<${parts.join(',')}>>`;
}

/**
 * The term as Erlang source (identifiers of processes and local funs have none: they show in angle
 * brackets).
 */
export function termText(term: Term): string {
  switch (term.kind) {
    case 'integer':
      return String(term.value);
    case 'float':
      return floatText(term.value);
    case 'atom':
      return atomText(term.name);
    case 'tuple':
      return `{${term.elements.map(termText).join(',')}}`;
    case 'map':
      return `#{${term.pairs.map(([key, value]) => `${termText(key)} => ${termText(value)}`).join(',')}}`;
    case 'bits':
      return bitsText(term.bytes, term.lastBits);
    case 'export':
      return `fun ${atomText(term.module)}:${atomText(term.name)}/${term.arity}`;
    case 'list': {
      if (term.elements.length && !term.tail && isText(term.elements)) {
        const codes = term.elements.map((each) => Number((each as { value: bigint }).value));
        return `"${escaped(Buffer.from(codes).toString('latin1'), '"')}"`;
      }
      const tail = term.tail ? `|${termText(term.tail)}` : '';
      return `[${term.elements.map(termText).join(',')}${tail}]`;
    }
    default:
      return term.text;
  }
}
