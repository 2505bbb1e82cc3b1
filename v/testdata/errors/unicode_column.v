fn main() {
	println('日本' + nope)
}
