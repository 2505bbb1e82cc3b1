// What V's own parsers of times do with C's scanf.
module time

// The numbers that a text has where the format has `%4d` (at most four digits) or `%c` (the code of
// a character); the rest of the format must stand in the text. Stops at what does not fit.
fn scanned(text string, format string) []int {
	mut found := []int{}
	mut at := 0
	mut i := 0
	for i < format.len {
		if format[i] != `%` {
			if at >= text.len || text[at] != format[i] {
				return found
			}
			at++
			i++
			continue
		}
		if format[i + 1] == `c` {
			if at >= text.len {
				return found
			}
			found << int(text[at])
			at++
			i += 2
			continue
		}
		end := number_end(text, at, int(format[i + 1] - `0`))
		if end == at {
			return found
		}
		found << text[at..end].trim_space().int()
		at = end
		i += 3
	}
	return found
}

// Where a number of at most so many characters ends; where it began when there is none.
fn number_end(text string, from int, width int) int {
	mut at := from
	for at < text.len && text[at].is_space() {
		at++
	}
	last := if at + width < text.len { at + width } else { text.len }
	if at < last && text[at] in [`-`, `+`] {
		at++
	}
	digits := at
	for at < last && text[at].is_digit() {
		at++
	}
	return if at == digits { from } else { at }
}

fn parse_iso8601_date(s string) !(int, int, int) {
	found := scanned(s, '%4d-%2d-%2d%c')
	if found.len != 3 {
		return error_invalid_time(10, 'datetime string must have 3 components, but has ${found.len}')
	}
	year, month, day := found[0], found[1], found[2]
	if year > 9999 {
		return error_invalid_time(13, 'year must be smaller than 10000')
	}
	if month > 12 {
		return error_invalid_time(14, 'month must be smaller than 12')
	}
	if day > 31 {
		return error_invalid_time(15, 'day must be smaller than 31')
	}
	return year, month, day
}

// Nanoseconds of the digits after a point.
fn fraction(s string) int {
	digits := s.all_after('.')
	mut nanoseconds := 0
	mut count := 0
	for count < digits.len && digits[count].is_digit() {
		nanoseconds = nanoseconds * 10 + int(digits[count] - `0`)
		count++
	}
	for count < 9 {
		nanoseconds *= 10
		count++
	}
	return nanoseconds
}

fn parse_iso8601_time(s string) !(int, int, int, int, int, i64, bool) {
	utc := scanned(s, '%2d:%2d:%2d.%9d%c')
	if utc.len == 5 && utc[4] == int(`Z`) {
		nanoseconds := fraction(s)
		return utc[0], utc[1], utc[2], nanoseconds / 1000, nanoseconds, i64(0), false
	}
	mut found := scanned(s, '%2d:%2d:%2d.%9d%c%2d:%2d')
	if found.len < 4 {
		found = scanned(s, '%2d:%2d:%2d%c%2d:%2d')
		if found.len < 3 {
			return error_invalid_time(10, 'malformed date')
		}
		found.insert(3, 0)
	}
	is_local := found.len == 4
	zone := if found.len > 4 { found[4] } else { 0 }
	is_utc := zone == int(`Z`) && found.len == 5
	if found.len != 7 && !is_local && !is_utc {
		return error_invalid_time(11, 'malformed date')
	}
	if !is_local && !is_utc && zone !in [int(`+`), int(`-`)] {
		return error_invalid_time(12, 'missing timezone')
	}
	mut offset := i64(0)
	if found.len == 7 {
		if found[5] > 0 {
			offset += 3600 * found[5]
		}
		if found[6] > 0 {
			offset += 60 * found[6]
		}
	}
	if zone == int(`+`) {
		offset = -offset
	}
	return found[0], found[1], found[2], found[3], found[3] * 1000, offset, is_local
}

// parse_rfc2822 reads times like `Thu, 12 Dec 2019 06:07:45 GMT`.
pub fn parse_rfc2822(s string) !Time {
	if s == '' {
		return error_invalid_time(0, 'datetime string is empty')
	}
	fields := s.split(' ')
	if fields.len < 5 {
		return error_invalid_time(1, 'datetime string must have 5 components, has: ${fields.len}')
	}
	at := months_string.index(fields[2]) or { return error_invalid_time(2, 'invalid month format') }
	return parse('${fields[3]}-${at / 3 + 1:02}-${fields[1]} ${fields[4]}')
}
