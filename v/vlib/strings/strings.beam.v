// Module strings: a builder that collects pieces and joins them once.
module strings

pub struct Builder {
mut:
	parts []string
	size  int
}

pub fn new_builder(initial_size int) Builder {
	return Builder{}
}

pub fn (mut b Builder) write_string(s string) {
	b.parts << s
	b.size += s.len
}

pub fn (mut b Builder) writeln(s string) {
	b.write_string(s)
	b.write_string('\n')
}

pub fn (mut b Builder) write_rune(r rune) {
	b.write_string(r.str())
}

pub fn (mut b Builder) write_u8(c u8) {
	b.write_string(c.ascii_str())
}

pub fn (b Builder) len() int {
	return b.size
}

pub fn (mut b Builder) str() string {
	text := b.parts.join('')
	b.parts = []string{}
	b.size = 0
	return text
}

pub fn repeat(c u8, n int) string {
	return c.repeat(n)
}

pub fn repeat_string(s string, n int) string {
	return s.repeat(n)
}
