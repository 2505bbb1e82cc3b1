fn sign(n int) int {
	if n > 0 {
		return 1
	} else if n < 0 {
		return -1
	}
}

fn wrong() string {
	return 5
}

fn nothing() {
	return 1
}

fn main() {
	println(sign(1))
	println(wrong())
	nothing()
}
