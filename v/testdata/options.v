// Options and results: or, propagation, if-guards, custom errors.
struct NotFound {
	Error
	key string
}

fn (e NotFound) msg() string {
	return 'not found: ${e.key}'
}

fn lookup(key string) !int {
	if key == 'a' {
		return 1
	}
	if key == 'x' {
		return error('plain error')
	}
	return NotFound{
		key: key
	}
}

fn half(n int) ?int {
	if n % 2 != 0 {
		return none
	}
	return n / 2
}

fn quarter(n int) ?int {
	h := half(n)?
	return half(h)
}

fn sum(keys []string) !int {
	mut total := 0
	for k in keys {
		total += lookup(k)!
	}
	return total
}

fn check(n int) ! {
	if n < 0 {
		return error_with_code('negative', 3)
	}
}

fn pair(ok bool) ?(int, string) {
	if !ok {
		return none
	}
	return 4, 'four'
}

fn first_half(list []int) int {
	for x in list {
		h := half(x) or { continue }
		return h
	}
	return -1
}

fn main() {
	println(lookup('a') or { 0 })
	println(lookup('b') or {
		println(err)
		-1
	})
	if v := lookup('x') {
		println(v)
	} else {
		println('failed: ${err.msg()}')
	}
	println(half(8) or { 0 })
	println(quarter(12) or { 0 })
	println(quarter(6) or { -6 })
	println(sum(['a', 'a']) or { 0 })
	println(sum(['a', 'q', 'x']) or {
		println(err.msg())
		-2
	})
	check(1) or { println('never') }
	check(-1) or { println('${err} ${err.code()}') }
	a, b := pair(true) or { 0, '' }
	println('${a} ${b}')
	c, d := pair(false) or { 9, 'nine' }
	println('${c} ${d}')
	println(first_half([1, 3, 10]))
	println(half(3))
	println(half(4))
	mut o := ?int(none)
	println(o == none)
	o = 5
	println(o or { 0 })
	if x := o {
		println('x=${x}')
	}
	m := {
		'k': 10
	}
	println(m['k'] or { 0 } + m['nope'] or { 3 })
	if v := m['k'] {
		println('has ${v}')
	}
	lookup('zzz') or {
		if err is NotFound {
			println('key was ${err.key}')
		}
	}
}
