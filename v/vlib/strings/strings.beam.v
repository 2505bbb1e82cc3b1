// Module strings: text that is built from pieces, as the bytes written so far.
module strings

pub type Builder = []u8

pub fn new_builder(initial_size int) Builder {
	return Builder([]u8{cap: initial_size})
}

pub fn (mut b Builder) write_string(s string) {
	b << s.bytes()
}

pub fn (mut b Builder) write_string2(s1 string, s2 string) {
	b << s1.bytes()
	b << s2.bytes()
}

pub fn (mut b Builder) writeln(s string) {
	b << s.bytes()
	b << `\n`
}

pub fn (mut b Builder) writeln2(s1 string, s2 string) {
	b.writeln(s1)
	b.writeln(s2)
}

pub fn (mut b Builder) write_rune(r rune) {
	b << r.str().bytes()
}

pub fn (mut b Builder) write_runes(runes []rune) {
	for r in runes {
		b.write_rune(r)
	}
}

pub fn (mut b Builder) write_repeated_rune(r rune, count int) {
	if count > 0 {
		b << r.str().repeat(count).bytes()
	}
}

pub fn (mut b Builder) write_u8(data u8) {
	b << data
}

pub fn (mut b Builder) write_byte(data u8) {
	b << data
}

pub fn (mut b Builder) write_decimal(n i64) {
	b << n.str().bytes()
}

pub fn (mut b Builder) write_u_decimal(n u64) {
	b << n.str().bytes()
}

pub fn (mut b Builder) write(data []u8) !int {
	b << data
	return data.len
}

pub fn (mut b Builder) drain_builder(mut other Builder, other_new_cap int) {
	b << other
	other = new_builder(other_new_cap)
}

pub fn (mut b Builder) reuse_as_plain_u8_array() []u8 {
	bytes := b.clone()
	b = Builder([]u8{})
	return bytes
}

pub fn (b &Builder) byte_at(n int) u8 {
	return b[n]
}

// spart is a part of what was written: n bytes from a position.
pub fn (b &Builder) spart(start_pos int, n int) string {
	return b[start_pos..start_pos + n].bytestr()
}

pub fn (b &Builder) last_n(n int) string {
	return if n > b.len { '' } else { b[b.len - n..].bytestr() }
}

pub fn (b &Builder) after(n int) string {
	return if n >= b.len { '' } else { b[n..].bytestr() }
}

pub fn (mut b Builder) go_back(n int) {
	b.trim(b.len - n)
}

pub fn (mut b Builder) go_back_to(pos int) {
	b.trim(pos)
}

pub fn (mut b Builder) cut_last(n int) string {
	cut := b.last_n(n)
	b.trim(b.len - n)
	return cut
}

pub fn (mut b Builder) cut_to(pos int) string {
	if pos > b.len {
		return ''
	}
	return b.cut_last(b.len - pos)
}

// str gives the text and leaves the builder empty.
pub fn (mut b Builder) str() string {
	text := b.bytestr()
	b = Builder([]u8{})
	return text
}

pub fn (mut b Builder) ensure_cap(n int) {
}

pub fn (mut b Builder) grow_len(n int) {
	if n > 0 {
		b << []u8{len: n}
	}
}

pub fn (mut b Builder) free() {
	b = Builder([]u8{})
}

pub fn repeat(c u8, n int) string {
	return if n <= 0 { '' } else { c.ascii_str().repeat(n) }
}

pub fn repeat_string(s string, n int) string {
	return if n <= 0 { '' } else { s.repeat(n) }
}
