/**
 * Request lines, status lines and header fields of HTTP as terms (RFC 2616, sections 4.2, 5.1 and
 * 6.1), in the form that erlang:decode_packet/3 is documented to give. Texts are lists or binaries.
 */
import { atomFromUtf8 } from './atoms';
import { binaryOf } from './binary';
import { byteListOf } from './char_list';
import {
  am_abs_path,
  am_absoluteURI,
  am_http,
  am_http_eoh,
  am_http_header,
  am_http_request,
  am_http_response,
  am_https,
  am_scheme,
  am_times,
  am_undefined,
} from './gen/atoms';
import { hAlloc } from './heap';
import { NONE, SUB_TUPLE, boxedOf, headerOf, smallOf } from './term';

/** Longer names of header fields are left as they are. */
const NAME_BYTES_MAX: u32 = 50;
const nameBytes: usize = memory.data(56, 8);
const NOT_TOKEN: string = '()<>@,;:\\"/[]?={} \t';
const METHODS: string = 'OPTIONS GET HEAD POST PUT DELETE TRACE ';
/** In the order of their numbers, from 1. */
const FIELDS: string =
  'Cache-Control Connection Date Pragma Transfer-Encoding Upgrade Via Accept Accept-Charset Accept-Encoding Accept-Language Authorization From Host If-Modified-Since If-Match If-None-Match If-Range If-Unmodified-Since Max-Forwards Proxy-Authorization Range Referer User-Agent Age Location Proxy-Authenticate Public Retry-After Server Vary Warning Www-Authenticate Allow Content-Base Content-Encoding Content-Language Content-Length Content-Location Content-Md5 Content-Range Content-Type Etag Expires Last-Modified Accept-Ranges Set-Cookie Set-Cookie2 X-Forwarded-For Cookie Keep-Alive Proxy-Connection ';

let asBinary: bool = false;
let at: usize = 0;
let end: usize = 0;

function textOf(from: usize, bytes: u32): u64 {
  return asBinary ? binaryOf(from, bytes) : byteListOf(from, bytes);
}
/** A tuple of up to five elements; NONE when one of them is none. */
function tupleOf(size: u32, a: u64, b: u64, c: u64, d: u64, e: u64): u64 {
  if (a == NONE || b == NONE || c == NONE || d == NONE || e == NONE) return NONE;
  const to = hAlloc(size + 1);
  store<u64>(to, headerOf(SUB_TUPLE, size));
  store<u64>(to, a, 8);
  store<u64>(to, b, 16);
  if (size > 2) store<u64>(to, c, 24);
  if (size > 3) store<u64>(to, d, 32);
  if (size > 4) store<u64>(to, e, 40);
  return boxedOf(to);
}
function pairOf(a: u64, b: u64): u64 {
  return tupleOf(2, a, b, am_undefined, am_undefined, am_undefined);
}

function isToken(byte: u32): bool {
  if (byte <= 32 || byte > 127) return false;
  for (let i = 0; i < NOT_TOKEN.length; i++) {
    if ((NOT_TOKEN.charCodeAt(i) as u32) == byte) return false;
  }
  return true;
}
function isDigit(byte: u32): bool {
  return byte >= 0x30 && byte <= 0x39;
}
function byte(): u32 {
  return load<u8>(at);
}
/** Skip spaces; whether there was one. */
function skipSpaces(): bool {
  const from = at;
  while (at < end && (byte() == 32 || byte() == 9)) at++;
  return at != from;
}
/** A number at the current place; -1 when there is none. */
function takeNumber(): i64 {
  const from = at;
  let value: i32 = 0;
  while (at < end && isDigit(byte())) {
    value = value * 10 + ((byte() - 0x30) as i32);
    at++;
  }
  return at == from ? -1 : (value as i64);
}
/** MAJOR.MINOR as a pair; NONE when it is none. */
function takeVersion(): u64 {
  const major = takeNumber();
  if (major < 0 || at == end || byte() != 0x2e) return NONE;
  at++;
  const minor = takeNumber();
  return minor < 0 ? NONE : pairOf(smallOf(major), smallOf(minor));
}
/** Number of the word in a list of words that are followed by spaces; 0 when it is not there. */
function wordNumber(words: string, from: usize, bytes: u32): u32 {
  let number: u32 = 1;
  let matched: u32 = 0;
  for (let i = 0; i < words.length; i++) {
    const c = words.charCodeAt(i) as u32;
    if (c == 32) {
      if (matched == bytes) return number;
      number++;
      matched = 0;
    } else if (matched < bytes && (load<u8>(from + matched) as u32) == c) matched++;
    else matched = 0xffff_0000;
  }
  return 0;
}
function startsWithHttp(): bool {
  return end - at >= 5 && load<u32>(at) == 0x5054_5448 && load<u8>(at, 4) == 0x2f;
}

/**
 * The term for a line of `bytes` bytes at `line`, its end included: a header field, or a first line
 * unless `isHeader`. NONE when it is wrong (or memory is exhausted: outOfMemory() was called).
 */
export function httpTerm(line: usize, bytes: u32, isHeader: bool, binaries: bool): u64 {
  asBinary = binaries;
  at = line;
  end = line + bytes;
  if (bytes >= 2 && load<u8>(end - 2) == 13) end -= 2;
  else if (bytes >= 1 && load<u8>(end - 1) == 10) end -= 1;
  if (isHeader) return at == end ? am_http_eoh : headerField();
  return startsWithHttp() ? statusLine() : requestLine();
}

function statusLine(): u64 {
  at += 5;
  const version = takeVersion();
  if (version == NONE || !skipSpaces()) return NONE;
  const status = max(takeNumber(), 0);
  if (!skipSpaces() && at < end) return NONE;
  const phrase = textOf(at, (end - at) as u32);
  return tupleOf(4, am_http_response, version, smallOf(status), phrase, am_undefined);
}

function requestLine(): u64 {
  const method = at;
  while (at < end && isToken(byte())) at++;
  const methodBytes = (at - method) as u32;
  if (at == end || !methodBytes || !skipSpaces()) return NONE;
  const uri = at;
  while (at < end && byte() != 32 && byte() != 9) at++;
  const uriBytes = (at - uri) as u32;
  if (!uriBytes) return NONE;
  skipSpaces();
  let version = NONE;
  if (at == end) version = pairOf(smallOf(0), smallOf(9));
  else {
    if (end - at < 8 || !startsWithHttp()) return NONE;
    at += 5;
    version = takeVersion();
    if (version == NONE) return NONE;
  }
  const name = wordNumber(METHODS, method, methodBytes)
    ? atomFromUtf8(method, methodBytes)
    : textOf(method, methodBytes);
  return tupleOf(4, am_http_request, name, uriTerm(uri, uriBytes), version, am_undefined);
}

/** Place of a byte, or `bytes` when it is not there. */
function find(from: usize, bytes: u32, wanted: u32): u32 {
  for (let i: u32 = 0; i < bytes; i++) if (load<u8>(from + i) == wanted) return i;
  return bytes;
}
/** The text at `from` begins with `scheme`, in whatever case. */
function hasScheme(from: usize, bytes: u32, scheme: string): bool {
  if (bytes < (scheme.length as u32)) return false;
  for (let i = 0; i < scheme.length; i++) {
    let c = load<u8>(from + i) as u32;
    if (c >= 0x41 && c <= 0x5a) c += 32;
    if (c != (scheme.charCodeAt(i) as u32)) return false;
  }
  return true;
}
function uriTerm(from: usize, bytes: u32): u64 {
  if (bytes == 1 && load<u8>(from) == 0x2a) return am_times;
  if (bytes <= 1 || load<u8>(from) == 0x2f) return pairOf(am_abs_path, textOf(from, bytes));
  if (hasScheme(from, bytes, 'http://')) return absoluteUri(am_http, from + 7, bytes - 7);
  if (hasScheme(from, bytes, 'https://')) return absoluteUri(am_https, from + 8, bytes - 8);
  const colon = find(from, bytes, 0x3a);
  if (colon == bytes) return textOf(from, bytes);
  const rest = textOf(from + colon + 1, bytes - colon - 1);
  return tupleOf(3, am_scheme, textOf(from, colon), rest, am_undefined, am_undefined);
}
const SLASH: usize = memory.data<u8>([0x2f]);

/** {absoluteURI, Scheme, Host, Port, Path} */
function absoluteUri(scheme: u64, from: usize, bytes: u32): u64 {
  const hostAndPort = find(from, bytes, 0x2f);
  const path =
    hostAndPort == bytes ? textOf(SLASH, 1) : textOf(from + hostAndPort, bytes - hostAndPort);
  const host = find(from, hostAndPort, 0x3a);
  let port = am_undefined;
  if (host < hostAndPort) {
    let value: i32 = 0;
    let i = host + 1;
    for (; i < hostAndPort && isDigit(load<u8>(from + i)); i++)
      value = value * 10 + ((load<u8>(from + i) - 0x30) as i32);
    if (i == hostAndPort && value) port = smallOf(value as i64);
  }
  return tupleOf(5, am_absoluteURI, scheme, textOf(from, host), port, path);
}

/** {http_header, Number, Field, FieldAsWritten, Value} */
function headerField(): u64 {
  const name = at;
  let upper = true;
  while (isToken(byte())) {
    const index = (at - name) as u32;
    let c = byte();
    if (index < NAME_BYTES_MAX) {
      if (upper) {
        if (c >= 0x61 && c <= 0x7a) c -= 32;
        upper = false;
      } else if (c >= 0x41 && c <= 0x5a) c += 32;
      else if (c == 0x2d) upper = true;
      store<u8>(nameBytes + index, c as u8);
    }
    at++;
    if (at == end) return NONE;
  }
  if (byte() != 0x3a) return NONE;
  const bytes = (at - name) as u32;
  at++;
  skipSpaces();
  const shown = bytes <= NAME_BYTES_MAX ? nameBytes : name;
  const number = bytes <= NAME_BYTES_MAX ? wordNumber(FIELDS, nameBytes, bytes) : 0;
  const field = number ? atomFromUtf8(shown, bytes) : textOf(shown, bytes);
  const value = textOf(at, (end - at) as u32);
  return tupleOf(5, am_http_header, smallOf(number as i64), field, textOf(name, bytes), value);
}
