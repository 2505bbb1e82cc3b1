fn main() {
	println('Hello from V!')
}
