fn main() {
	a := 5
	a + 1
	a == 5
	'text'
}
