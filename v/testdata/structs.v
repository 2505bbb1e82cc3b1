// Structs: defaults, update syntax, methods with value and mut receivers, nesting, embedding, equality, printing.
struct Point {
mut:
	x int
	y int = 7
}

fn (p Point) sum() int {
	return p.x + p.y
}

fn (mut p Point) move(dx int, dy int) {
	p.x += dx
	p.y += dy
}

fn (mut p Point) bump() int {
	p.x++
	return p.x
}

fn Point.origin() Point {
	return Point{0, 0}
}

fn (a Point) + (b Point) Point {
	return Point{a.x + b.x, a.y + b.y}
}

struct Line {
mut:
	name string
	from Point
	to   Point
	tags []string
}

struct Named {
	Point
	label string
}

fn reset(mut p Point) {
	p = Point{}
}

fn main() {
	mut p := Point{
		x: 1
	}
	println(p)
	p.move(2, 3)
	println(p.sum())
	println(p.bump())
	println(p.x)
	q := Point{
		...p
		y: 100
	}
	println('${q.x} ${q.y}')
	println(p == q)
	println(p == Point{p.x, p.y})
	mut l := Line{
		name: 'diagonal'
		to:   Point{3, 4}
	}
	l.from.move(1, 1)
	l.to.x = 50
	l.tags << 'a'
	l.tags << 'b'
	println(l)
	copy := l
	l.from.x = -1
	println('${copy.from.x} ${l.from.x}')
	n := Named{
		Point: Point{5, 6}
		label: 'n'
	}
	println(n.x + n.sum())
	println(n)
	reset(mut p)
	println(p.y)
	println(Point.origin())
	println(Point{1, 2} + Point{3, 4})
	mut ps := [Point{1, 2}, Point{3, 4}]
	ps[1].move(10, 10)
	ps[0].x = 9
	println(ps.map(it.sum()))
	mut byname := map[string]Point{}
	byname['a'] = Point{1, 1}
	println(byname['a'].sum())
	println(byname['zzz'].y)
}
