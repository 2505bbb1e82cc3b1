struct Point {
	x int
mut:
	y int
}

const limit = 3

fn main() {
	a := 1
	a = 2
	p := Point{}
	p.y = 3
	mut q := Point{}
	q.x = 4
	limit = 4
	list := [1, 2]
	list << 3
	println('${a} ${p} ${q}')
}
