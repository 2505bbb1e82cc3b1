// References that functions make, hand on and forget; the values must be the same as if each had a
// cell of its own.
struct Point {
mut:
	x int
	y int
}

struct List {
mut:
	head &Point = unsafe { nil }
	seen int
}

fn new_point(x int) &Point {
	return &Point{
		x: x
	}
}

fn set_up(x int) &Point {
	mut p := new_point(x)
	p.y = 1
	p.grow(2)
	return p
}

fn (mut p Point) grow(n int) {
	p.y += n
}

fn (p &Point) sum() int {
	return p.x + p.y
}

fn (mut l List) keep(p &Point) {
	l.head = p
	l.seen++
}

fn pick(first bool) &Point {
	if first {
		return new_point(1)
	}
	mut p := &Point{
		x: 2
	}
	defer {
		p.y = 9
	}
	return p
}

fn itself(p &Point) &Point {
	return p
}

fn swap(mut a Point, mut b Point) {
	a.x, b.x = b.x, a.x
}

fn main() {
	mut total := 0
	for i in 0 .. 1000 {
		mut p := set_up(i)
		p.grow(1)
		p.x++
		total += p.sum() + new_point(i).sum()
	}
	println(total)
	// One that is kept is seen by both.
	mut list := List{}
	mut kept := set_up(5)
	list.keep(kept)
	kept.x = 50
	list.head.y = 60
	println('${list.head.x} ${kept.y} ${list.seen}')
	mut one := new_point(3)
	mut same := itself(one)
	same.x = 30
	println(one.x)
	println('${pick(true).x} ${pick(false).y}')
	make := new_point
	mut made := make(8)
	made.y = 2
	println(made.sum())
	mut a := new_point(1)
	mut b := new_point(2)
	swap(mut a, mut b)
	println('${a.x} ${b.x}')
	mut points := []&Point{}
	for i in 0 .. 3 {
		mut q := new_point(i)
		points << q
		q.x += 10
	}
	println(points.map(it.x))
	mut again := new_point(1)
	again = new_point(2)
	again.grow(5)
	println(again.sum())
}
