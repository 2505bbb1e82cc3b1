fn main() {
	x := 5
	println(x / 0)
	println(x % 0)
	println(1.5 % 2.0)
	println('a' - 'b')
	println(true + false)
}
