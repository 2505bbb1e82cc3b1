// if and match as statements and as expressions, with early returns in every place.
enum Light {
	red
	amber
	green
}

fn next(l Light) Light {
	return match l {
		.red { .green }
		.amber { .red }
		.green { .amber }
	}
}

fn grade(n int) string {
	match true {
		n >= 90 { return 'A' }
		n >= 80 { return 'B' }
		else {}
	}
	if n < 0 {
		return 'none'
	} else if n == 0 {
		return 'zero'
	}
	return 'C'
}

fn kind(c u8) string {
	return match c {
		`a`...`z` { 'lower' }
		`A`...`Z` { 'upper' }
		`0`, `1`, `2` { 'small digit' }
		else { 'other' }
	}
}

fn word(s string) int {
	return match s {
		'one' { 1 }
		'two', 'zwei' { 2 }
		else { 0 }
	}
}

fn main() {
	mut l := Light.red
	for _ in 0 .. 4 {
		print('${l} ')
		l = next(l)
	}
	println('')
	println(grade(95) + grade(85) + grade(5) + grade(0) + grade(-4))
	println(kind(`q`) + ',' + kind(`Q`) + ',' + kind(`1`) + ',' + kind(`9`))
	println('${word('one')} ${word('zwei')} ${word('drei')}')
	a := 5
	b := if a > 3 { 'big' } else { 'small' }
	println(b)
	c := if a < 3 {
		1
	} else if a < 6 {
		x := a * 2
		x + 1
	} else {
		3
	}
	println(c)
	mut d := 0
	mut e := 0
	if a == 5 && b == 'big' {
		d = 1
		e = 2
	} else {
		e = 7
	}
	println('${d} ${e}')
	if a != 5 || c == 11 {
		println('or')
	}
	if !(a == 4) {
		println('not')
	}
	println(int(Light.green))
	println(Light.amber == .amber)
	if l in [.red, .green] {
		println('in')
	}
	if a !in [1, 2] && a in [5] {
		println('members')
	}
	println(3 in 1 .. 4)
}
