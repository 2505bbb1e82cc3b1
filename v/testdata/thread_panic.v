// A panic in a thread ends the whole program.
fn bad(list []int) int {
	return list[5]
}

fn main() {
	t := spawn bad([1, 2])
	println('started')
	println(t.wait())
	println('never')
}
