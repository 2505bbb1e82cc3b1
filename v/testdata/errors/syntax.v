fn one( {
	println(1)
}

fn two() {
	x := 1 +
}

fn main() {
	println('fine')
}
