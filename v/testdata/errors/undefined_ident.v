fn main() {
	count := 1
	println(coumt)
	println(count)
}
