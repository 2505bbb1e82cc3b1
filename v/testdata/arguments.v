import os

// The program's name and nothing else: it was started without arguments.
fn main() {
	println(arguments().len)
	println(arguments() == os.args)
	print('no line end')
	flush_stdout()
	println('')
}
