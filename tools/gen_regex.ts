/**
 * The text of `vm/gen/regex_tables.ts`: what tables/regex_unicode.ts says of characters, packed for
 * vm/re/characters.ts, and the texts of errors.
 */
import { regexErrors } from '../tables/regex_errors.ts';
import {
  regexCaseSets,
  regexCategories,
  regexCharacters,
  regexGraphemes,
  regexLatin1,
  regexOtherCase,
  regexScripts,
} from '../tables/regex_unicode.ts';

/** Kinds of property behind \p, as vm/re/properties.ts knows them. */
const propertyKinds = { any: 0, cased: 1, group: 2, category: 3, script: 4, special: 5 };
/** Properties that are not categories or scripts, by their number. */
const specialNames = ['Xan', 'Xps', 'Xsp', 'Xwd', 'Xuc'];
const groupNames = ['C', 'L', 'M', 'N', 'P', 'S', 'Z'];

function groups<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: values.length / size }, (_, i) =>
    values.slice(i * size, (i + 1) * size),
  );
}

/** A name is {kind, value, characters ..., 0}; an empty name ends the list. */
function nameBytes(): number[] {
  const rows: [string, number, number][] = [
    ['Any', propertyKinds.any, 0],
    ['L&', propertyKinds.cased, 0],
    ...groupNames.map((name, i): [string, number, number] => [name, propertyKinds.group, i]),
    ...regexCategories.map((name, i): [string, number, number] => [
      name,
      propertyKinds.category,
      i,
    ]),
    ...regexScripts.map((name, i): [string, number, number] => [name, propertyKinds.script, i]),
    ...specialNames.map((name, i): [string, number, number] => [name, propertyKinds.special, i]),
  ];
  return rows.flatMap(([name, kind, value]) => [kind, value, ...Buffer.from(name), 0]);
}

/** A text is {number, characters ..., 0}; number 0 ends the list. */
function errorBytes(): number[] {
  return Object.entries(regexErrors).flatMap(([number, text]) => [
    Number(number),
    ...Buffer.from(text),
    0,
  ]);
}

function data(name: string, type: string, values: readonly number[]): string {
  return `export const ${name}: usize = memory.data<${type}>([${values.join(',')}]);`;
}

/** A column of a table of rows of `size` numbers. */
function column(name: string, type: string, values: readonly number[], size: number, at: number) {
  const cells = groups(values, size).map((row) => row[at]!);
  return data(name, type, cells);
}

/** Two columns in one word: a character in the low 21 bits. */
function packed(name: string, values: readonly number[], size: number): string {
  const words = groups(values, size).map((row) => row[0]! | (row[1]! << 21));
  return data(name, 'u32', words);
}

function count(name: string, values: readonly number[], size: number): string {
  return `export const ${name}: u32 = ${values.length / size};`;
}

export function regexTables(): string {
  const members = regexCaseSets
    .flatMap((set, i) => set.map((character): [number, number] => [character, i]))
    .sort(([a], [b]) => a - b)
    .flat();
  const sets = regexCaseSets.flatMap((set) => [...set, 0, 0, 0, 0].slice(0, 4));
  return [
    '/** Made by tools/gen_regex.ts from tables/regex_unicode.ts and tables/regex_errors.ts; do not edit. */',
    "/** First character of a run | category << 21, and the run's script. */",
    count('CHARACTERS_COUNT', regexCharacters, 3),
    packed('CHARACTERS', regexCharacters, 3),
    column('CHARACTER_SCRIPTS', 'u8', regexCharacters, 3, 2),
    '/** Characters with one other case, sorted, and that case. */',
    count('OTHER_CASES_COUNT', regexOtherCase, 2),
    column('CASED', 'u32', regexOtherCase, 2, 0),
    column('OTHER_CASES', 'u32', regexOtherCase, 2, 1),
    '/** Members of case sets, sorted: character | set << 21; sets of up to 4, padded with 0. */',
    count('CASE_MEMBERS_COUNT', members, 2),
    packed('CASE_MEMBERS', members, 2),
    data('CASE_SETS', 'u32', sets),
    '/** First character of a run | grapheme break property << 21. */',
    count('GRAPHEMES_COUNT', regexGraphemes, 2),
    packed('GRAPHEMES', regexGraphemes, 2),
    '/** By byte of Latin-1: the other case, and bits of classes. */',
    column('LATIN1_OTHER', 'u8', regexLatin1, 2, 0),
    column('LATIN1_CLASSES', 'u16', regexLatin1, 2, 1),
    '/** Names of properties: kind, value, text, 0; the list ends with 255. */',
    data('PROPERTY_NAMES', 'u8', [...nameBytes(), 255]),
    '/** Texts of errors: number, text, 0; the list ends with 0. */',
    data('ERROR_TEXTS', 'u8', [...errorBytes(), 0]),
    '',
  ].join('\n');
}
