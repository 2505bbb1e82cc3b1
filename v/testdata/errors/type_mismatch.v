fn add(a int, b int) int {
	return a + b
}

fn main() {
	mut x := 5
	x = 'text'
	println(add(1, 'two'))
	println(add(1))
	println(add(1, 2, 3))
	y := 1 + 'a'
	println(y)
	println(x)
}
