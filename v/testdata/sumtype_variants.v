// Sum types inside sum types, variants of every kind, and what smart casts see.

struct Circle {
mut:
	name   string
	radius f64
}

struct Square {
	side int
mut:
	name string
}

struct Dot {
mut:
	name string
}

type Round = Circle | Dot
type Shape = Round | Square
type Handler = fn (int) int
type Count = int
type Value = Count | Handler | []Value | map[string]Value | ?string | f64 | string
type Left = Leaf | Node
type Box[T] = T | int | []T

struct Leaf {}

struct Node {
	left  Left
	right Left
	x     int
}

fn describe(s Shape) string {
	return match s {
		Circle { 'circle ${s.radius}' }
		Dot { 'dot' }
		Square { 'square ${s.side}' }
	}
}

fn rename(mut shapes []Shape) {
	for mut s in shapes {
		match mut s {
			Circle, Dot {
				s.name = 'round ' + s.name
			}
			Square {
				s.name = 'flat ' + s.name
			}
		}
	}
}

fn kind(v Value) string {
	return match v {
		Count { 'count ${v}' }
		Handler { 'handler ${v(20)}' }
		[]Value { 'list of ${v.len}' }
		map[string]Value { 'map of ${v.len}' }
		?string { 'option' }
		f64 { 'number ${v}' }
		string { 'text ${v}' }
	}
}

fn twice(n int) int {
	return n * 2
}

fn size(t Left) int {
	return match t {
		Leaf { 1 }
		Node { 1 + size(t.left) + size(t.right) }
	}
}

fn held[T](b Box[T]) string {
	return match b {
		int { 'int ${b}' }
		[]T { 'list ${b}' }
		T { 'one ${b}' }
	}
}

fn main() {
	mut shapes := [Shape(Round(Circle{'c', 1.5})), Square{2, 's'}, Round(Dot{'d'})]
	for s in shapes {
		println(describe(s))
	}
	rename(mut shapes)
	println(shapes.map(it.name))
	first := shapes[0]
	println(first is Circle)
	println(first is Dot)
	println(first !is Square)
	if first is Round {
		println('round')
		if first is Circle {
			println(first.radius)
		}
	}
	circle := first as Circle
	println(circle.name)

	values := [Value(Count(3)), twice, 2.5, 'x', Value([Value(Count(1)), 'a']), Value({
		'k': Value(1.5)
	}), Value(?string(none))]
	for v in values {
		println(kind(v))
	}

	mut nested := []Value{}
	nested << [Value(1.5), Value(2.5)]
	nested << 'last'
	println(nested.len)

	tree := Left(Node{
		left:  Node{
			left:  Leaf{}
			right: Leaf{}
		}
		right: Leaf{}
	})
	println(size(tree))

	println(held[string]('a'))
	println(held[string](['a', 'b']))
	println(held[f64](5))

	mut dot := Round(Dot{'p'})
	dot.name = 'q'
	println(dot.name)
	if mut dot is Dot {
		dot.name += '!'
		show := fn [dot] () string {
			return dot.name
		}
		println(show())
	}
	println(dot)
	mut list := [Round(Dot{'in list'})]
	if mut list[0] is Dot {
		list[0].name = 'changed'
	}
	println(list[0].name)
	println(Round{} == Round(Circle{}))
	println(dot == Round(Dot{'q!'}))
	println(typeof(dot).name)
	println(dot.type_name())
}
