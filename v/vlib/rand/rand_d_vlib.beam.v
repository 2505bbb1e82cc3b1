// What V's own module rand needs of its platform.
module rand

fn init() {
	default_rng = new_default()
}

fn internal_string_from_set(mut rng PRNG, charset string, len int) string {
	mut chosen := []u8{cap: len}
	for _ in 0 .. len {
		chosen << charset[rng.u32() % u32(charset.len)]
	}
	return chosen.bytestr()
}

fn internal_fill_buffer_from_set(mut rng PRNG, charset string, mut buf []u8) {
	for i in 0 .. buf.len {
		buf[i] = charset[rng.u32() % u32(charset.len)]
	}
}

// read_internal takes whole numbers of the generator, lowest byte first, then single bytes.
fn read_internal(mut rng PRNG, mut buf []u8) {
	size := match rng.block_size() {
		32 { 4 }
		64 { 8 }
		else { 1 }
	}
	mut at := 0
	for size > 1 && at + size <= buf.len {
		mut block := if size == 4 { u64(rng.u32()) } else { rng.u64() }
		for i in 0 .. size {
			buf[at + i] = u8(block)
			block >>= 8
		}
		at += size
	}
	for i in at .. buf.len {
		buf[i] = rng.u8()
	}
}

const ulid_encoding = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

// A ULID is ten letters of time and sixteen of chance, five bits each.
fn internal_ulid_at_millisecond(mut rng PRNG, unix_time_milli u64) string {
	mut letters := []u8{len: 26}
	mut rest := unix_time_milli
	for i := 9; i >= 0; i-- {
		letters[i] = ulid_encoding[int(rest & 0x1f)]
		rest >>= 5
	}
	for i in 10 .. 26 {
		if i == 10 || i == 19 {
			rest = rng.u64()
		}
		letters[i] = ulid_encoding[int(rest & 0x1f)]
		rest >>= 5
	}
	return letters.bytestr()
}

pub fn uuid_v4() string {
	high := default_rng.u64()
	low := default_rng.u64()
	group := (low >> 48 & 0x3fff) | 0x8000
	return '${high >> 32:08x}-${high >> 16 & 0xffff:04x}-4${high & 0xfff:03x}-${group:04x}-${low & 0xffffffffffff:012x}'
}
