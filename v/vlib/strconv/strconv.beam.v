// Module strconv: numbers of text and text of numbers that Erlang itself reads and writes.
module strconv

@[params]
pub struct AtoF64Param {
pub:
	allow_extra_chars bool
}

// The length of the number that a text begins with; 0 when there is none.
fn number_length(s string) int {
	mut at := 0
	if at < s.len && s[at] in [`+`, `-`] {
		at++
	}
	mut digits := 0
	for at < s.len && s[at].is_digit() {
		at++
		digits++
	}
	if at < s.len && s[at] == `.` {
		at++
		for at < s.len && s[at].is_digit() {
			at++
			digits++
		}
	}
	if digits == 0 {
		return 0
	}
	if at < s.len && s[at] in [`e`, `E`] {
		mut after := at + 1
		if after < s.len && s[after] in [`+`, `-`] {
			after++
		}
		first := after
		for after < s.len && s[after].is_digit() {
			after++
		}
		if after > first {
			at = after
		}
	}
	return at
}

pub fn atof64(s string, param AtoF64Param) !f64 {
	if s.len == 0 {
		return error('expected a number found an empty string')
	}
	text := s.trim_space_left()
	length := number_length(text)
	if length == 0 {
		return error('not a number')
	}
	if length < text.len && !param.allow_extra_chars {
		return error('extra char after number')
	}
	return text[..length].f64()
}

pub fn atof_quick(s string) f64 {
	return s.f64()
}

// format_int writes a number in a base from 2 to 36.
pub fn format_int(n i64, radix int) string {
	if n < 0 {
		return '-' + format_uint(u64(-(n + 1)) + 1, radix)
	}
	return format_uint(u64(n), radix)
}

pub fn format_uint(n u64, radix int) string {
	if radix < 2 || radix > 36 {
		panic('invalid radix: ${radix} . It should be => 2 and <= 36')
	}
	if n == 0 {
		return '0'
	}
	mut digits := []u8{}
	mut rest := n
	for rest > 0 {
		digits << '0123456789abcdefghijklmnopqrstuvwxyz'[int(rest % u64(radix))]
		rest /= u64(radix)
	}
	return digits.reverse().bytestr()
}
