// Every form of for, labels, break and continue, and returning from inside loops.
fn first_even(list []int) int {
	for x in list {
		if x % 2 == 0 {
			return x
		}
	}
	return -1
}

fn find_pair(n int, sum int) (int, int) {
	for i in 0 .. n {
		for j := i; j < n; j++ {
			if i + j == sum {
				return i, j
			}
			if j > 100 {
				break
			}
		}
	}
	return -1, -1
}

fn count_down(from int) int {
	mut n := from
	mut steps := 0
	for {
		if n <= 0 {
			break
		}
		n -= 3
		steps++
	}
	return steps
}

fn nested_return(limit int) int {
	mut total := 0
	for i := 0; true; i++ {
		mut k := i
		for k > 0 {
			total += k
			if total > limit {
				return total
			}
			k--
		}
	}
	return 0
}

fn main() {
	mut s := 0
	for i := 0; i < 5; i++ {
		s += i
	}
	println(s)
	mut i := 10
	for i > 7 {
		i--
	}
	println(i)
	for j in 3 .. 6 {
		print('${j} ')
	}
	println('')
	for idx, ch in 'abc' {
		print('${idx}:${ch.ascii_str()} ')
	}
	println('')
	for k, v in {
		'one': 1
		'two': 2
	} {
		print('${k}=${v} ')
	}
	println('')
	mut list := [1, 2, 3]
	for mut x in list {
		x *= 10
	}
	println(list)
	for idx, x in list {
		if idx == 0 {
			list << 99
		}
		print('${x} ')
	}
	println('')
	outer: for a in 0 .. 4 {
		for b in 0 .. 4 {
			if b == 2 {
				continue outer
			}
			if a == 2 {
				break outer
			}
			print('${a}${b} ')
		}
	}
	println('')
	println(first_even([3, 5, 8, 9]))
	println(first_even([3, 5]))
	a, b := find_pair(10, 13)
	println('${a} ${b}')
	println(count_down(10))
	println(nested_return(50))
	for _ in 0 .. 2 {
		print('x')
	}
	println('')
	mut n := 0
	for n < 3 {
		n++
		if n == 2 {
			continue
		}
		print('${n} ')
	}
	println('')
}
