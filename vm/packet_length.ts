/**
 * How long the first packet of a stream is, by its type: what erlang:decode_packet/3 and sockets
 * with option packet cut streams by. OTP's manual, inet:setopts/2, option packet.
 */
export const PACKET_RAW: u32 = 0;
export const PACKET_1: u32 = 1;
export const PACKET_2: u32 = 2;
export const PACKET_ASN1: u32 = 3;
export const PACKET_4: u32 = 4;
export const PACKET_SUNRM: u32 = 5;
export const PACKET_CDR: u32 = 6;
export const PACKET_FCGI: u32 = 7;
export const PACKET_TPKT: u32 = 8;
export const PACKET_LINE: u32 = 9;
export const PACKET_SSL: u32 = 10;
export const PACKET_HTTP: u32 = 11;
export const PACKET_HTTPH: u32 = 12;
export const PACKET_HTTP_BINARY: u32 = 13;
export const PACKET_HTTPH_BINARY: u32 = 14;

/** Results beside a length: more is needed, and it is not known how much; the packet is wrong. */
export const LENGTH_UNKNOWN: i64 = 0;
export const LENGTH_WRONG: i64 = -1;

const LENGTH_MAX: i64 = 0x7fff_ffff;
const CDR_HEADER: u32 = 12;
const FCGI_HEADER: u32 = 8;
const SSL_HEADER: u32 = 5;
const TPKT_VERSION: u32 = 3;
const LINE_FEED: u32 = 10;
const GIOP: u32 = 0x504f_4947;

function byteAt(at: usize): u32 {
  return load<u8>(at);
}
function shortAt(at: usize): u32 {
  return bswap<u16>(load<u16>(at));
}
function wordAt(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

/** A packet of `header` bytes and `body` more; `most` limits the body, 0 is no limit. */
function total(header: u32, body: u32, most: u32): i64 {
  const limit = most ? (most as i64) : LENGTH_MAX - header;
  return (body as i64) > limit ? LENGTH_WRONG : (header as i64) + body;
}
/** Place of a byte in `bytes` bytes, of which the first `from` have been looked at; -1: none. */
function indexOf(data: usize, bytes: u32, from: u32, byte: u32): i64 {
  for (let i = from; i < bytes; i++) if (load<u8>(data + i) == byte) return i;
  return -1;
}
/** Packets of this type end where a byte is found. */
export function isLineType(type: u32): bool {
  return type == PACKET_LINE || type >= PACKET_HTTP;
}
/** Bytes of `bytes` in front of the first that ends a line; all of them when none does. */
export function bytesBefore(type: u32, data: usize, bytes: u32, delimiter: u32): u32 {
  const found = indexOf(data, bytes, 0, type == PACKET_LINE ? delimiter : LINE_FEED);
  return found < 0 ? bytes : (found as u32);
}

function lineLength(
  data: usize,
  bytes: u32,
  searched: u32,
  most: u32,
  cut: u32,
  delimiter: u32,
): i64 {
  const end = indexOf(data, bytes, searched, delimiter);
  const length = end < 0 ? (bytes as i64) : end + 1;
  if (most && length > (most as i64)) return LENGTH_WRONG;
  if (cut && (end < 0 ? length >= (cut as i64) : length > (cut as i64))) return cut;
  return end < 0 ? LENGTH_UNKNOWN : length;
}

/** Tag and length of ASN.1's basic encoding rules. */
function asn1Length(data: usize, bytes: u32, most: u32): i64 {
  if (bytes < 2) return LENGTH_UNKNOWN;
  let at = data + 1;
  let left = bytes - 1;
  if ((byteAt(data) & 0x1f) == 0x1f) {
    while (left && byteAt(at) & 0x80) {
      at++;
      left--;
    }
    if (left < 2) return LENGTH_UNKNOWN;
    at++;
    left--;
  }
  let body = byteAt(at) & 0x7f;
  const isLong = (byteAt(at) & 0x80) != 0;
  at++;
  left--;
  if (isLong) {
    const count = body;
    if (left < count) return LENGTH_UNKNOWN;
    if (count > 4) return LENGTH_WRONG;
    body = 0;
    for (let i: u32 = 0; i < count; i++) {
      body = (body << 8) | byteAt(at);
      at++;
    }
  }
  return total((at - data) as u32, body, most);
}

function isSpace(byte: u32): bool {
  return byte == 32 || byte == 9;
}
/** A line, which in headers goes on when the next one begins with a space. */
function httpLength(data: usize, bytes: u32, searched: u32, limit: u32, isHeader: bool): i64 {
  if (bytes == 1 && byteAt(data) == 10) return 1;
  if (bytes == 2 && byteAt(data) == 13 && byteAt(data + 1) == 10) return 2;
  const most = limit as i64;
  let from: u32 = 0;
  let begin = searched;
  while (true) {
    const end = indexOf(data + from, bytes - from, begin, LINE_FEED);
    begin = 0;
    if (end < 0) return most && (bytes as i64) >= most ? LENGTH_WRONG : LENGTH_UNKNOWN;
    const length = (from as i64) + end + 1;
    const goesOn = isHeader && length < (bytes as i64) && length > 2;
    if (goesOn && isSpace(byteAt(data + (length as u32)))) {
      from = length as u32;
      continue;
    }
    if (most && length > most) return LENGTH_WRONG;
    return isHeader && length == (bytes as i64) ? LENGTH_UNKNOWN : length;
  }
}
function cdrLength(data: usize, most: u32): i64 {
  if (load<u32>(data) != GIOP) return LENGTH_WRONG;
  const isLittle = (byteAt(data + 6) & 1) != 0;
  return total(CDR_HEADER, isLittle ? load<u32>(data, 8) : wordAt(data + 8), most);
}
function fcgiLength(data: usize, most: u32): i64 {
  if (byteAt(data) != 1) return LENGTH_WRONG;
  return total(FCGI_HEADER, shortAt(data + 4) + byteAt(data + 6), most);
}
/** A TLS record, or the hello of an SSL 2 client. */
function sslLength(data: usize, most: u32): i64 {
  const isHello = (byteAt(data) & 0x80) != 0 && byteAt(data + 2) == 1;
  if (isHello) return total(SSL_HEADER, (shortAt(data) & 0x7fff) - 3, most);
  return total(SSL_HEADER, shortAt(data + 3), most);
}
/** Bytes that must be there before the length is known. */
function headerBytes(type: u32): u32 {
  if (type == PACKET_1 || type == PACKET_2 || type == PACKET_4) return type;
  if (type == PACKET_SUNRM || type == PACKET_TPKT) return 4;
  if (type == PACKET_CDR) return CDR_HEADER;
  if (type == PACKET_FCGI) return FCGI_HEADER;
  return type == PACKET_SSL ? SSL_HEADER : 0;
}

/**
 * Length of the packet at the beginning of the `bytes` bytes at `data`: LENGTH_UNKNOWN,
 * LENGTH_WRONG, or the number, which may be more than there is. `most` limits it and `cut` cuts
 * lines (0 = no limit); `delimiter` ends lines, none of which ends in the first `searched` bytes.
 */
export function packetLength(
  type: u32,
  data: usize,
  bytes: u32,
  searched: u32,
  most: u32,
  cut: u32,
  delimiter: u32,
): i64 {
  const header = headerBytes(type);
  if (bytes < header) return LENGTH_UNKNOWN;
  switch (type) {
    case PACKET_RAW:
      return bytes;
    case PACKET_1:
      return total(1, byteAt(data), most);
    case PACKET_2:
      return total(2, shortAt(data), most);
    case PACKET_4:
      return total(4, wordAt(data), most);
    case PACKET_SUNRM:
      return total(4, wordAt(data) & 0x7fff_ffff, most);
    case PACKET_ASN1:
      return asn1Length(data, bytes, most);
    case PACKET_CDR:
      return cdrLength(data, most);
    case PACKET_FCGI:
      return fcgiLength(data, most);
    case PACKET_TPKT:
      if (byteAt(data) != TPKT_VERSION) return LENGTH_WRONG;
      return total(4, shortAt(data + 2) - 4, most);
    case PACKET_LINE:
      return lineLength(data, bytes, searched, most, cut, delimiter);
    case PACKET_SSL:
      return sslLength(data, most);
    default:
      return httpLength(data, bytes, searched, most ? most : cut, isHeaderType(type));
  }
}
function isHeaderType(type: u32): bool {
  return type == PACKET_HTTPH || type == PACKET_HTTPH_BINARY;
}

/** Bytes of the packet in front of its body, and behind it, that do not belong to the result. */
export function bodyStart(type: u32): u32 {
  return type == PACKET_1 || type == PACKET_2 || type == PACKET_4 ? type : 0;
}
export function bodyEnd(type: u32, data: usize): u32 {
  return type == PACKET_FCGI ? byteAt(data + 6) : 0;
}
