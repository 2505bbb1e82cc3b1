fn work(unused_param int) int {
	local := 3
	_ := 4
	mut counter := 0
	for i in 0 .. 3 {
		inner := i
	}
	return 1
}

fn main() {
	println(work(1))
}
