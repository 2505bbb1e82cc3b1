/** erlang:decode_packet/3. */
import { alignedBinary, binaryData, binaryOf, bitSize, newBinary, subBinary } from '../binary';
import { CLASS_ERROR, badarg, failWithInfo, outOfMemory, trapArguments3, trapTo } from '../errors';
import {
  am_asn1,
  am_badarg,
  am_badopt,
  am_cause,
  am_cdr,
  am_erl_erts_errors,
  am_error,
  am_fcgi,
  am_http,
  am_http_bin,
  am_http_error,
  am_httph,
  am_httph_bin,
  am_invalid,
  am_line,
  am_line_delimiter,
  am_line_length,
  am_module,
  am_more,
  am_ok,
  am_packet_size,
  am_raw,
  am_ssl_tls,
  am_sunrm,
  am_tpkt,
  am_undefined,
} from '../gen/atoms';
import { byteListOf } from '../char_list';
import { BIF_decodePacketMore } from '../gen/bifs';
import { hAlloc } from '../heap';
import { httpTerm } from '../http_packet';
import { emptyMap, mapPut } from '../maps';
import * as L from '../packet_length';
import { setX } from '../registers';
import { chargeReductions } from '../state';
import {
  NIL,
  NONE,
  SUB_TUPLE,
  boxedOf,
  head,
  headerOf,
  isBitstring,
  isList,
  isSmall,
  isTuple,
  smallOf,
  smallValue,
  tail,
  tupleArity,
  tupleElement,
} from '../term';

const NO_TYPE: u32 = 255;
const LINE_FEED: u32 = 10;
const BYTES_PER_REDUCTION_BITS: u32 = 8;

let packetMax: u32 = 0;
let lineMax: u32 = 0;
let delimiter: u32 = 0;

function typeOf(t: u64): u32 {
  if (isSmall(t)) {
    const value = smallValue(t);
    if (value == 0) return L.PACKET_RAW;
    return value == 1 || value == 2 || value == 4 ? (value as u32) : NO_TYPE;
  }
  if (t == am_raw) return L.PACKET_RAW;
  if (t == am_asn1) return L.PACKET_ASN1;
  if (t == am_sunrm) return L.PACKET_SUNRM;
  if (t == am_cdr) return L.PACKET_CDR;
  if (t == am_fcgi) return L.PACKET_FCGI;
  if (t == am_tpkt) return L.PACKET_TPKT;
  if (t == am_line) return L.PACKET_LINE;
  if (t == am_ssl_tls) return L.PACKET_SSL;
  if (t == am_http) return L.PACKET_HTTP;
  if (t == am_httph) return L.PACKET_HTTPH;
  if (t == am_http_bin) return L.PACKET_HTTP_BINARY;
  return t == am_httph_bin ? L.PACKET_HTTPH_BINARY : NO_TYPE;
}
function takeOptions(options: u64): bool {
  packetMax = 0;
  lineMax = 0;
  delimiter = LINE_FEED;
  let rest = options;
  for (; isList(rest); rest = tail(rest)) {
    const option = head(rest);
    if (!isTuple(option) || tupleArity(option) != 2) return false;
    const value = tupleElement(option, 2);
    if (!isSmall(value) || smallValue(value) < 0 || smallValue(value) > 0xffff_ffff) return false;
    const number = smallValue(value) as u32;
    const name = tupleElement(option, 1);
    if (name == am_packet_size) packetMax = number;
    else if (name == am_line_length) lineMax = number;
    else if (name == am_line_delimiter && number < 256) delimiter = number;
    else return false;
  }
  return rest == NIL;
}
function pairOf(first: u64, second: u64): u64 {
  const at = hAlloc(3);
  store<u64>(at, headerOf(SUB_TUPLE, 2));
  store<u64>(at, first, 8);
  store<u64>(at, second, 16);
  return boxedOf(at);
}

/** {ssl_tls, [], Type, {Major, Minor}, Data} */
function sslTerm(data: usize, bytes: u32): u64 {
  const isHello = (load<u8>(data) & 0x80) != 0 && load<u8>(data, 2) == 1;
  const version = isHello ? data + 3 : data + 1;
  let body = NONE;
  if (!isHello) body = binaryOf(data + 5, bytes - 5);
  else {
    // The form of a TLS client hello: a type byte and a length in front.
    body = newBinary(bytes + 1);
    if (body == NONE) return NONE;
    const to = binaryData(body);
    const length = bytes - 3;
    store<u32>(to, bswap<u32>((1 << 24) | length));
    memory.copy(to + 4, data + 3, length);
  }
  if (body == NONE) return NONE;
  const at = hAlloc(6);
  const pair = pairOf(smallOf(load<u8>(version)), smallOf(load<u8>(version, 1)));
  store<u64>(at, headerOf(SUB_TUPLE, 5));
  store<u64>(at, am_ssl_tls, 8);
  store<u64>(at, NIL, 16);
  store<u64>(at, smallOf(isHello ? 22 : (load<u8>(data) as i64)), 24);
  store<u64>(at, pair, 32);
  store<u64>(at, body, 40);
  return boxedOf(at);
}
/** What a packet of `bytes` bytes at `data`, the beginning of `binary`, stands for. */
function contents(type: u32, binary: u64, data: usize, bytes: u32): u64 {
  if (type == L.PACKET_SSL) return sslTerm(data, bytes);
  if (type < L.PACKET_HTTP) {
    const start = L.bodyStart(type);
    const length = bytes - start - L.bodyEnd(type, data);
    return subBinary(binary, (start as u64) << 3, (length as u64) << 3);
  }
  const binaries = type >= L.PACKET_HTTP_BINARY;
  const isHeader = type == L.PACKET_HTTPH || type == L.PACKET_HTTPH_BINARY;
  const term = httpTerm(data, bytes, isHeader, binaries);
  if (term != NONE) return term;
  const line = binaries ? binaryOf(data, bytes) : byteListOf(data, bytes);
  return line == NONE ? NONE : pairOf(am_http_error, line);
}

// bif: erlang:decode_packet/3
export function erlangDecodePacket3(type: u64, data: u64, options: u64): u64 {
  const which = typeOf(type);
  if (which == NO_TYPE) {
    const info = mapPut(emptyMap(), am_module, am_erl_erts_errors);
    return failWithInfo(CLASS_ERROR, am_badarg, mapPut(info, am_cause, am_badopt));
  }
  if (!isBitstring(data) || !takeOptions(options)) return badarg();
  const binary = alignedBinary(data);
  return binary == NONE ? NONE : decodeFrom(type, binary, options, 0);
}
/** Bytes that are searched for the end of a line before others may have their turn. */
const SEARCH_BYTES: u32 = 4096;

/** Go on with the search for the end of a line: there is none in the first `searched` bytes. */
// bif: vbeam_internal:decode_packet/4
export function decodePacketMore(type: u64, binary: u64, options: u64, searched: u64): u64 {
  takeOptions(options);
  return decodeFrom(type, binary, options, smallValue(searched) as u32);
}
function decodeFrom(type: u64, binary: u64, options: u64, searched: u32): u64 {
  const which = typeOf(type);
  const bytes = (bitSize(binary) >> 3) as u32;
  const from = binaryData(binary);
  let begin = searched;
  if (L.isLineType(which) && bytes - searched > SEARCH_BYTES) {
    begin = searched + L.bytesBefore(which, from + searched, SEARCH_BYTES, delimiter);
    if (begin == searched + SEARCH_BYTES) {
      chargeReductions((SEARCH_BYTES >> BYTES_PER_REDUCTION_BITS) as i32);
      trapArguments3(type, binary, options);
      setX(3, smallOf(begin));
      return trapTo(BIF_decodePacketMore, 4);
    }
  }
  const length =
    which == L.PACKET_RAW && !bytes
      ? L.LENGTH_UNKNOWN
      : L.packetLength(which, from, bytes, begin, packetMax, lineMax, delimiter);
  return packetTerm(which, binary, length);
}
/** What there is of a packet of this length. */
function packetTerm(which: u32, binary: u64, length: i64): u64 {
  const bytes = (bitSize(binary) >> 3) as u32;
  if (length == L.LENGTH_WRONG) return pairOf(am_error, am_invalid);
  if (length == L.LENGTH_UNKNOWN) {
    chargeReductions((min(bytes, SEARCH_BYTES) >> BYTES_PER_REDUCTION_BITS) as i32);
    return pairOf(am_more, am_undefined);
  }
  if (length > (bytes as i64)) return pairOf(am_more, smallOf(length));
  chargeReductions(((length as u32) >> BYTES_PER_REDUCTION_BITS) as i32);
  const packet = contents(which, binary, binaryData(binary), length as u32);
  if (packet == NONE) return outOfMemory();
  const start = (length as u64) << 3;
  const rest = subBinary(binary, start, bitSize(binary) - start);
  const at = hAlloc(4);
  store<u64>(at, headerOf(SUB_TUPLE, 3));
  store<u64>(at, am_ok, 8);
  store<u64>(at, packet, 16);
  store<u64>(at, rest, 24);
  return boxedOf(at);
}
