fn risky() !int {
	return 1
}

fn maybe() ?int {
	return none
}

fn plain() int {
	x := risky()!
	return x + maybe()
}

fn main() {
	risky()
	println(plain())
	y := plain() or { 3 }
	println(y)
}
