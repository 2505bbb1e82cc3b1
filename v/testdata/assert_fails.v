fn main() {
	x := 4
	assert x == 4
	assert x + 1 == 6, 'the message'
	println('never')
}
