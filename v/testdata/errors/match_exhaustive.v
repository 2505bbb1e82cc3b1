enum Color {
	red
	green
	blue
}

fn main() {
	c := Color.red
	match c {
		.red { println('r') }
		.green { println('g') }
	}
	println(Color.purple)
	x := match 5 {
		1 { 'one' }
	}
	println(x)
}
