// References into structs, arrays and maps, to other references, and `mut` parameters that keep
// what they were given.
struct Point {
mut:
	x int
	y int
}

struct Box {
mut:
	corner Point
	points []Point
	names  map[string]int
	near   &Point = unsafe { nil }
}

fn (mut b Box) first() &Point {
	return &b.points[0]
}

fn (mut p Point) itself() &Point {
	return p
}

fn double(mut n &int) {
	unsafe {
		*n *= 2
	}
}

fn replace(p &&int) int {
	return **p + 1
}

fn bump(mut p Point, times int) {
	if times > 0 {
		p.x++
		bump(mut p, times - 1)
	}
}

fn watch(mut p Point, other &Point) {
	p.x = 70
	println('${p.x} ${other.x}')
}

struct Tree {
mut:
	value int
	left  &Tree = unsafe { nil }
	right &Tree = unsafe { nil }
}

fn (mut t Tree) insert(value int) {
	if value < t.value {
		if isnil(t.left) {
			t.left = &Tree{
				value: value
			}
		} else {
			t.left.insert(value)
		}
	} else if isnil(t.right) {
		t.right = &Tree{
			value: value
		}
	} else {
		t.right.insert(value)
	}
}

fn (t &Tree) sum() int {
	if isnil(t) {
		return 0
	}
	return t.left.sum() + t.value + t.right.sum()
}

fn main() {
	mut b := Box{
		points: [Point{1, 2}, Point{3, 4}]
	}
	mut c := &b.corner
	c.x = 9
	println(b.corner)
	mut q := &b.points[1]
	q.y = 40
	b.points[1].x = 30
	println('${q.x} ${b.points[1].y}')
	b.names['one'] = 1
	n := unsafe { &b.names['one'] }
	b.names['one'] = 11
	println(*n)
	mut first := b.first()
	first.x = 100
	println(b.points[0].x)
	mut number := 21
	mut p := &number
	unsafe {
		*p = 4
	}
	double(mut number)
	println('${number} ${*p} ${replace(&p)}')
	b.near = &b.corner
	println(b.near == &b.corner)
	println(b.near == &b.points[0])
	mut alone := Point{5, 6}
	mut same := alone.itself()
	same.x = 50
	println(alone.x)
	mut r := &Point{
		x: 7
	}
	bump(mut r, 3)
	println(r.x)
	watch(mut r, r)
	mut tree := &Tree{
		value: 50
	}
	for v in [30, 70, 20, 40, 60, 80] {
		tree.insert(v)
	}
	println(tree.sum())
	list := [&alone, &Point{1, 1}]
	alone.y = 66
	println(list[0].y)
	println(&alone == list[0])
}
