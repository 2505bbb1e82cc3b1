type Shape = Circle | Square

struct Circle {}

struct Square {}

enum Colour {
	red
	green
}

@[flag]
enum Right {
	read
	write
}

const ten = 10

fn name(s Shape) string {
	return match s {
		Circle { 'circle' }
		Square { 'square' }
		else { 'other' }
	}
}

fn colours(c Colour, r &Colour) {
	match c {
		.red {}
		.red {}
		.green {}
	}
	match r {
		.red {}
		else {}
	}
}

fn numbers(n int, limit int) {
	match n {
		1...5 {}
		3, 0x0A {}
		10 {}
		ten...7 {}
		limit...20 {}
		else {}
	}
	match n {
		1 {}
	}
	match n {
		else {}
		2 {}
		else {}
	}
}

fn rights(r Right) {
	match r {
		.read {}
		.write {}
	}
}

fn maybe(o ?int) {
	match o {
		1 {}
		none {}
		else {}
	}
}

fn main() {
	println(name(Circle{}))
	println(unsafe { Colour(1) })
	println(Colour(1))
	println(1.5 / 0.0)
	println(2 % int(0))
	for i in 5 .. 2 {
		println(i)
	}
	for ten in 0 .. 2 {
		println(ten)
	}
	(1 + 2)++
}
