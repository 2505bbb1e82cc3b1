struct Release {
	Version int
	pair    (int, string)
	left    u8  = -1
	name    int = unsafe { nil }
}

interface Walker {
	Step()
	go(int u8)
}

struct Pair[A] {
	first  A
	second B
}

struct Walls implements Release {}

@[typedef]
struct Plain {}

@[params]
struct Options {
	loud bool
}

fn twice(mut n int) {
	n *= 2
}

fn run(mut o Options, map string) byte {
	return 0
}

fn (p Plain) str(x int) int {
	return x
}

fn (p Plain) + (q Plain) ?Plain {
	return q
}

fn late(x !int) {}

fn main() {
	rune := 3
	_low := 4
	for bool, string in ['a'] {
		println(bool)
	}
	println(rune + _low)
}
