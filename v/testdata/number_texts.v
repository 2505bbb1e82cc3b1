// Numbers in text by module strconv, and replacing several texts at once.
import strconv

fn main() {
	println(strconv.atof64('12.5e1')!)
	strconv.atof64('') or { println(err) }
	strconv.atof64('1x') or { println(err) }
	strconv.atof64('x') or { println(err) }
	println(strconv.atof64('1x', allow_extra_chars: true)!)
	println(strconv.format_int(-255, 16))
	println(strconv.format_uint(max_u64, 2).len)
	println('a-b-c'.replace_each(['a', 'bb', 'b', 'a', '-', '']))
	println('x.y.z'.last_index_u8(`.`))
	println(int_min(2, 3) + int_max(2, 3))
}
