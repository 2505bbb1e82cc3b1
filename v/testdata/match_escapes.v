// Branches of match and if that leave the function from inside an expression.
fn one() ?int {
	return 1
}

fn nothing() ?int {
	return none
}

fn pick(n int) ?string {
	return match n {
		1 { 'one ${one()?}' }
		2 { 'two ${nothing()?}' }
		3, 4 { 'a' + one()?.str() + 'b' }
		else { none }
	}
}

fn sum(words []string) !int {
	mut total := 0
	for w in words {
		total += match w {
			'skip' {
				continue
			}
			'stop' {
				break
			}
			'fail' {
				return error('failed at ${total}')
			}
			else {
				w.len
			}
		}
		if total > 100 {
			return total
		}
	}
	return total * 10
}

fn nested(a int, b int) int {
	x := if a > 0 {
		if b > 0 {
			a + b
		} else {
			return -1
		}
	} else {
		match b {
			0 { return -2 }
			1 { 50 }
			else { 60 }
		}
	}
	return x * 2
}

fn main() {
	for n in 1 .. 6 {
		println(pick(n) or { 'nothing' })
	}
	println(sum(['ab', 'skip', 'cde', 'stop', 'zzz']) or { 0 })
	println(sum(['ab', 'fail']) or {
		println(err)
		-1
	})
	println(sum(['a'.repeat(101), 'b'])!)
	println('${nested(1, 2)} ${nested(1, 0)} ${nested(0, 0)} ${nested(0, 1)} ${nested(0, 9)}')
}
