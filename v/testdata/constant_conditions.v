// Conditions that are known while compiling, around code that leaves early.
const debug = false
const limit = 3

fn step(n int) !int {
	if n > 100 {
		return error('too big: ${n}')
	}
	return n
}

fn run(list []int, flag bool) !int {
	mut total := 0
	if flag {
		total = 1
	} else if false {
		total = step(200)!
	} else if debug {
		total = step(300)!
	} else {
		for x in list {
			if x == limit {
				continue
			}
			if true {
				total += step(x)!
			}
		}
	}
	if 1 == 2 {
		total = step(500)!
	} else if list.len > 1 && true {
		total = step(total)!
	}
	return total
}

fn main() {
	println(run([1, 2, 3, 4], false)!)
	println(run([1, 2], true)!)
	println(run([1, 200], false) or {
		println(err)
		-1
	})
	for debug {
		println('never')
	}
}
