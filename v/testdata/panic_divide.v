fn ratio(a int, b int) int {
	q := a / b
	return q * 2
}

fn main() {
	println(ratio(6, 3))
	for i := 2; i >= 0; i-- {
		println(ratio(6, i))
	}
}
