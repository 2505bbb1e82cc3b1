// Arithmetic where conditions, loops and types say how large its operands are: it wraps exactly
// where it has to. The same sums are made with i64, which none of them leaves.

fn narrowed(n i64) int {
	wide := n & 0xffffffff
	return int(if wide > 0x7fffffff { wide - 0x100000000 } else { wide })
}

// Each branch knows another range of a and b.
fn sums(a int, b int) []int {
	mut found := []int{}
	if a >= 0 && b >= 0 {
		found << a + b
		found << a - b
	} else if a < 0 || b > 100 {
		found << a - b
		found << b + 1
		found << a - 1
	} else {
		found << a * b
		found << -b
	}
	if a > 0 {
		found << a - 1
	}
	if !(a < 5) {
		found << a - 5
	} else {
		found << a + 5
	}
	if b == 7 || a == max_int {
		found << a + 1
	}
	if b != min_int {
		found << b - 1
	}
	return found
}

fn expected(a i64, b i64) []int {
	mut found := []i64{}
	if a >= 0 && b >= 0 {
		found << a + b
		found << a - b
	} else if a < 0 || b > 100 {
		found << a - b
		found << b + 1
		found << a - 1
	} else {
		found << a * b
		found << -b
	}
	if a > 0 {
		found << a - 1
	}
	if !(a < 5) {
		found << a - 5
	} else {
		found << a + 5
	}
	if b == 7 || a == i64(max_int) {
		found << a + 1
	}
	if b != i64(min_int) {
		found << b - 1
	}
	return found.map(narrowed(it))
}

fn divided(a int, b int) int {
	if b == 0 {
		return 0
	}
	return a / b
}

fn remainder(a int, b int) int {
	return if b > 3 { (a % b) + max_int } else { a % 3 - max_int }
}

fn bytes_of(n u8) (u8, u8, u8) {
	half := n & 15
	return half * 20, half + 250, (n >> 4) - 1
}

fn small(n i8) i8 {
	if n > 100 {
		return n + 27
	}
	return n - 28
}

fn counted(limit int) int {
	mut last := 0
	for i := 5; i <= limit; i++ {
		last = i - 6
	}
	for i := limit; i > limit - 3; i-- {
		last += i + 1
	}
	mut n := 0
	for n < limit {
		n += 3
		if n == 6 {
			continue
		}
		last ^= n
	}
	return last
}

fn powers() u64 {
	mut n := u64(1)
	for i in 0 .. 70 {
		n = n * 3 + u64(i)
	}
	return n
}

fn signed_powers() i64 {
	mut n := i64(1)
	for n > -9223372036854775807 && n < 4611686018427387904 {
		n = n * -5
	}
	return n * 3 - 1
}

fn joined(flag bool, n int) int {
	mut base := if flag { 2147483600 } else { -2147483600 }
	if n > 40 {
		base += 47
	}
	return if flag { base + n } else { base - n }
}

fn main() {
	values := [min_int, min_int + 1, -100, -5, -1, 0, 1, 4, 5, 7, 101, max_int - 1, max_int]
	mut wrong := 0
	for a in values {
		for b in values {
			if sums(a, b) != expected(i64(a), i64(b)) {
				println('${a} and ${b}: ${sums(a, b)}, not ${expected(i64(a), i64(b))}')
				wrong++
			}
		}
	}
	println('${values.len * values.len} pairs, ${wrong} wrong')
	println(divided(min_int, -1))
	println(divided(min_int, 1))
	println(divided(-7, 2))
	println(remainder(-7, 5))
	println(remainder(7, 5))
	println(remainder(-2, 1))
	println(bytes_of(0xff))
	println(bytes_of(0x0c))
	println(small(127))
	println(small(101))
	println(small(-128))
	println(small(100))
	println(counted(10))
	println(powers())
	println(signed_powers())
	println(joined(true, 41))
	println(joined(true, 40))
	println(joined(false, 100))
	println(joined(false, max_int))
}
