fn main() {
	n := 1
	if n {
		println('n')
	}
	for n {
		break
	}
	if n == 'a' {
		println('a')
	}
	if n && true {
		println('b')
	}
	x := !n
	println(x)
	break
}
