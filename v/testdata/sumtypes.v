// Sum types and interfaces: match, smart casts, is, as, dispatch with value and mut receivers.
struct Circle {
	r f64
}

struct Rect {
mut:
	w int
	h int
}

type Shape = Circle | Rect | string

fn area(s Shape) f64 {
	return match s {
		Circle { s.r * s.r * 3.0 }
		Rect { f64(s.w * s.h) }
		string { f64(s.len) }
	}
}

type Node = Empty | Tree

struct Empty {}

struct Tree {
	value int
	left  Node
	right Node
}

fn insert(n Node, v int) Node {
	match n {
		Empty {
			return Tree{v, Empty{}, Empty{}}
		}
		Tree {
			if v < n.value {
				return Tree{
					...n
					left: insert(n.left, v)
				}
			}
			return Tree{
				...n
				right: insert(n.right, v)
			}
		}
	}
}

fn total(n Node) int {
	return match n {
		Empty { 0 }
		Tree { n.value + total(n.left) + total(n.right) }
	}
}

interface Animal {
	legs() int
mut:
	feed(n int)
}

struct Cat {
mut:
	food int
}

fn (c Cat) legs() int {
	return 4
}

fn (mut c Cat) feed(n int) {
	c.food += n
}

struct Bird {
mut:
	eaten int
}

fn (b Bird) legs() int {
	return 2
}

fn (mut b Bird) feed(n int) {
	b.eaten += 2 * n
}

fn all_legs(list []Animal) int {
	mut n := 0
	for a in list {
		n += a.legs()
	}
	return n
}

fn main() {
	shapes := [Shape(Circle{2.0}), Rect{2, 3}, 'four']
	for s in shapes {
		println(area(s))
	}
	mut s := Shape(Rect{1, 2})
	if mut s is Rect {
		s.w = 10
	}
	println(area(s))
	if s is Circle {
		println('circle')
	} else {
		println(s.type_name())
	}
	r := s as Rect
	println(r.w)
	println(s)
	println(s == Shape(Rect{10, 2}))
	mut t := Node(Empty{})
	for v in [5, 2, 8, 1] {
		t = insert(t, v)
	}
	println(total(t))
	mut animals := [Animal(Cat{}), Bird{}]
	println(all_legs(animals))
	for mut a in animals {
		a.feed(3)
	}
	for a in animals {
		if a is Cat {
			println('cat ate ${a.food}')
		} else if a is Bird {
			println('bird ate ${a.eaten}')
		}
	}
}
