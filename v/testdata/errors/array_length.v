fn main() {
	mut a := [1, 2, 3]
	a.len = 2
	mut s := 'text'
	s.len = 1
	a[0..1] = [5]
	println('${a} ${s}')
}
