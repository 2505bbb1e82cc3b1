// Deferred blocks run at the end of their block, in reverse, on every way out of it.
fn work(n int) int {
	defer {
		println('outer ${n}')
	}
	for i in 0 .. 3 {
		defer {
			println('loop ${i}')
		}
		if i == n {
			return i * 100
		}
		if i == 1 {
			continue
		}
		println('body ${i}')
	}
	if n > 5 {
		defer {
			println('inner')
		}
		println('if')
	}
	println('end')
	return n
}

fn fails() !int {
	defer {
		println('cleanup')
	}
	return error('no')
}

fn main() {
	println(work(2))
	println(work(9))
	println(fails() or { -1 })
}
