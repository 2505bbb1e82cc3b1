fn main() {
	println('before')
	eprintln('to stderr')
	exit(3)
}
