// Module strings: a builder that collects pieces and joins them once.

struct strings.Builder {
mut:
	parts []string
	size  int
}

fn strings.new_builder(initial_size int) strings.Builder {
	return strings.Builder{}
}

fn (mut b strings.Builder) write_string(s string) {
	b.parts << s
	b.size += s.len
}

fn (mut b strings.Builder) writeln(s string) {
	b.write_string(s)
	b.write_string('\n')
}

fn (mut b strings.Builder) write_rune(r rune) {
	b.write_string(r.str())
}

fn (mut b strings.Builder) write_u8(c u8) {
	b.write_string(c.ascii_str())
}

fn (b strings.Builder) len() int {
	return b.size
}

fn (mut b strings.Builder) str() string {
	text := b.parts.join('')
	b.parts = []string{}
	b.size = 0
	return text
}

fn strings.repeat(c u8, n int) string {
	return c.repeat(n)
}

fn strings.repeat_string(s string, n int) string {
	return s.repeat(n)
}
