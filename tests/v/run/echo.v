import os

fn main() {
	println(os.args)
	line := os.get_line()
	println('${line}: ${line.len} bytes, ${line.runes().len} characters')
	println(input_character())
	println(input_character())
	println('日本')
}
