/**
 * From a pattern to a program: the settings that may precede it, reading, checking, emitting, and
 * the block that keeps what came of it.
 */
import { allocate } from '../alloc';
import { latinOtherCase } from './characters';
import { checkTree } from './check';
import { classArea, classBytes, dropClasses, startClasses } from './class_area';
import * as B from './code_buffer';
import { emitProgram, loopCount } from './emit';
import { nameBytes, nameCount, nameNumber, namePlace, startNames } from './names';
import { dropNodes } from './nodes';
import { parsePattern } from './parse';
import * as P from './pattern';
import * as O from './program';
import * as S from './start';
import { invalidUtf8 } from './utf8';

/** Limits that the pattern sets itself ((*LIMIT_MATCH=N)); 0xffffffff for none. */
let matchLimit: u32 = 0xffff_ffff;
let depthLimit: u32 = 0xffff_ffff;

/**
 * Settings: length, text behind "(*", what they do and with which value. Rows of 24 bytes; the
 * options' own bits are set by kind 0, newlines by 1, \R by 2, limits by 3 and 4.
 */
const SETTINGS_COUNT: u32 = 14;
const SETTING_BYTES: u32 = 24;
const SETTING_OPTION: u32 = 0;
const SETTING_NEWLINE: u32 = 1;
const SETTING_BSR: u32 = 2;
const SETTING_MATCH: u32 = 3;
/** A setting that changes nothing here. */
const SETTING_NOTHING: u32 = 5;
const settings: usize = memory.data(14 * 24, 8);
let settingCount: u32 = 0;

function addSetting(text: string, kind: u32, value: u32): void {
  const row = settings + settingCount * SETTING_BYTES;
  settingCount++;
  store<u32>(row, value);
  store<u8>(row, kind as u8, 4);
  store<u8>(row, text.length as u8, 5);
  for (let i = 0; i < text.length; i++) store<u8>(row + i, text.charCodeAt(i) as u8, 6);
}
function initSettings(): void {
  if (settingCount == SETTINGS_COUNT) return;
  addSetting('UTF8)', SETTING_OPTION, P.UTF);
  addSetting('UTF)', SETTING_OPTION, P.UTF);
  addSetting('UCP)', SETTING_OPTION, P.UCP);
  addSetting('NO_START_OPT)', SETTING_OPTION, P.NO_START_OPTIMIZE);
  addSetting('NO_AUTO_POSSESS)', SETTING_NOTHING, 0);
  addSetting('CR)', SETTING_NEWLINE, P.NEWLINE_CR);
  addSetting('LF)', SETTING_NEWLINE, P.NEWLINE_LF);
  addSetting('CRLF)', SETTING_NEWLINE, P.NEWLINE_CRLF);
  addSetting('ANY)', SETTING_NEWLINE, P.NEWLINE_ANY);
  addSetting('ANYCRLF)', SETTING_NEWLINE, P.NEWLINE_ANYCRLF);
  addSetting('BSR_ANYCRLF)', SETTING_BSR, P.BSR_ANYCRLF);
  addSetting('BSR_UNICODE)', SETTING_BSR, P.BSR_UNICODE);
  addSetting('LIMIT_MATCH=', SETTING_MATCH, 0);
  addSetting('LIMIT_RECURSION=', SETTING_MATCH, 1);
}

function takeSettings(): void {
  while (P.peek(0) == 0x28 && P.peek(1) == 0x2a) {
    let row: usize = 0;
    for (let i: u32 = 0; i < SETTINGS_COUNT && !row; i++) {
      const one = settings + i * SETTING_BYTES;
      if (P.startsWith(2, one + 6, load<u8>(one, 5))) row = one;
    }
    if (!row || !takeSetting(row)) return;
  }
}
function takeSetting(row: usize): bool {
  const kind = load<u8>(row, 4) as u32;
  const value = load<u32>(row);
  const end = P.at + 2 + load<u8>(row, 5);
  if (kind == SETTING_MATCH) return takeLimit(end, value != 0);
  if (kind == SETTING_OPTION) P.setOptions(P.options | value);
  else if (kind == SETTING_NEWLINE) P.setOptions(P.withNewline(P.options, value));
  else if (kind == SETTING_BSR) P.setOptions(P.withBsr(P.options, value));
  P.setAt(end);
  return true;
}
/** The number and the parenthesis behind LIMIT_...=; the lower limit counts. */
function takeLimit(place: u32, isDepth: bool): bool {
  let end = place;
  let limit: u64 = 0;
  while (P.isDigit(P.byteAt(end))) {
    limit = limit * 10 + (P.byteAt(end) - 0x30);
    if (limit > 0xffff_ffff) return false;
    end++;
  }
  if (P.byteAt(end) != 0x29) return false;
  if (isDepth) depthLimit = min(depthLimit, limit as u32);
  else matchLimit = min(matchLimit, limit as u32);
  P.setAt(end + 1);
  return true;
}

/**
 * The program for the `bytes` bytes at `text` with `options`, with one reference; 0 when there is
 * an error (pattern.ts has it) or when memory is exhausted.
 */
export function compilePattern(text: usize, bytes: u32, options: u32): usize {
  initSettings();
  startClasses();
  startNames();
  P.startPattern(text, bytes, options);
  matchLimit = 0xffff_ffff;
  depthLimit = 0xffff_ffff;
  takeSettings();
  const program = compileRest(text, bytes, options);
  dropNodes();
  B.dropCode();
  dropClasses();
  return program;
}
function compileRest(text: usize, bytes: u32, given: u32): usize {
  if (P.options & P.UTF) {
    if (P.options & P.NEVER_UTF) {
      P.failAt(78, 0);
      return 0;
    }
    const place = invalidUtf8(text, 0, P.length, P.length);
    if (place < P.length) {
      P.failAt(44, place);
      return 0;
    }
  }
  const options = P.options;
  parsePattern();
  if (!P.isOver()) checkTree();
  if (P.isOver()) return 0;
  P.setOptions(options);
  S.findStart();
  emitProgram();
  return P.exhausted ? 0 : buildProgram(text, bytes, given, options);
}

function align(bytes: u32): u32 {
  return (bytes + 7) & ~7;
}
function buildProgram(text: usize, bytes: u32, given: u32, options: u32): usize {
  const classes = align(O.P_CODE + (B.codeWords << 2));
  const names = align(classes + classBytes);
  const key = names + nameCount * O.NAME_ENTRY_BYTES;
  const total = align(key + 4 + bytes);
  const program = allocate(total);
  if (!program) {
    P.noteExhausted();
    return 0;
  }
  store<u32>(program, 1, O.P_REFERENCES);
  store<u32>(program, total, O.P_BYTES);
  store<u32>(program, options, O.P_OPTIONS);
  store<u32>(program, flags(), O.P_FLAGS);
  store<u32>(program, byteWithCases(S.firstByte, options), O.P_FIRST);
  store<u32>(program, byteWithCases(S.requiredByte, options), O.P_REQUIRED);
  store<u32>(program, P.capturesMax, O.P_CAPTURES);
  store<u32>(program, loopCount(), O.P_LOOPS);
  store<u32>(program, classes, O.P_CLASSES);
  store<u32>(program, names, O.P_NAMES);
  store<u32>(program, nameCount, O.P_NAME_COUNT);
  store<u32>(program, matchLimit, O.P_MATCH_LIMIT);
  store<u32>(program, depthLimit, O.P_DEPTH_LIMIT);
  store<u32>(program, key, O.P_KEY);
  store<u32>(program, bytes + 4, O.P_KEY_BYTES);
  store<u32>(program, 0, O.P_NEXT);
  store<u32>(program, 0, O.P_USED);
  memory.copy(program + O.P_CODE, B.codeStart(), B.codeWords << 2);
  memory.copy(program + classes, classArea(), classBytes);
  for (let i: u32 = 0; i < nameCount; i++) writeName(program + names + i * O.NAME_ENTRY_BYTES, i);
  store<u32>(program + key, given);
  memory.copy(program + key + 4, text, bytes);
  return program;
}
function flags(): u32 {
  let word: u32 = 0;
  if (S.isAnchored) word |= O.FLAG_ANCHORED;
  if (S.isStartline) word |= O.FLAG_STARTLINE;
  if (S.hasFirst) word |= O.FLAG_FIRST;
  if (S.hasRequired) word |= O.FLAG_REQUIRED;
  if (P.hasNewline) word |= O.FLAG_HAS_NEWLINE;
  return word;
}
/** A byte, and its other case in the next byte, or the byte again. */
function byteWithCases(word: u32, options: u32): u32 {
  const byte = word & 0xff;
  let other = byte;
  if (word & S.CASELESS_BYTE && !(options & P.UTF && byte > 127)) other = latinOtherCase(byte);
  return byte | (other << 8);
}
function writeName(entry: usize, index: u32): void {
  memory.fill(entry, 0, O.NAME_ENTRY_BYTES);
  store<u32>(entry, nameNumber(index), O.NAME_NUMBER);
  store<u32>(entry, nameBytes(index), O.NAME_LENGTH);
  memory.copy(entry + O.NAME_TEXT, P.text + namePlace(index), nameBytes(index));
}
