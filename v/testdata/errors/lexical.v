fn main() {
	a := 0xZZ
	b := 12ab
	c := 'open
	println(a)
}
