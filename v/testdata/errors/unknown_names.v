struct Point {
	x int
}

fn (p Point) length() int {
	return p.x
}

fn main() {
	p := Point{
		z: 1
	}
	println(p.xx)
	println(p.lenth())
	lenght(p)
	q := Pint{}
	println(q)
}
