// An uncaught panic prints V's message and the lines it went through.
fn at(a []int, i int) int {
	return a[i] + 0
}

fn main() {
	a := [1, 2, 3]
	println(at(a, 2))
	println(at(a, 7))
}
