// Interfaces: fields, what boxes hold, tests for other interfaces, automatic str(), equality.
interface Shape {
	name string
	area() f64
mut:
	scale f64
	grow()
}

interface Named {
	name string
}

interface Textual {
	str() string
}

interface Labelled {
	Named
	label() string
}

fn (l Named) shout() string {
	return l.name.to_upper()
}

struct Square {
	name string = 'square'
mut:
	side  f64 = 2.0
	scale f64 = 1.0
}

fn (s Square) area() f64 {
	return s.side * s.side * s.scale
}

fn (mut s Square) grow() {
	s.side++
}

struct Disc {
	radius f64
	name   string
	pick   fn (int) int = unsafe { nil }
mut:
	scale f64
}

fn (d &Disc) area() f64 {
	return d.radius * d.scale
}

fn (mut d Disc) grow() {
	d.scale *= 2
}

fn (d Disc) label() string {
	return 'disc ' + d.name
}

interface Picks {
	pick fn (int) int
}

fn rescale(mut s Shape, by f64) {
	s.scale = by
	s.grow()
	if mut s is Square {
		s.side += 10
	}
}

fn texts(list []Textual) string {
	return list.map(it.str()).join('|')
}

fn total(list []Shape) f64 {
	mut sum := 0.0
	for s in list {
		sum += s.area()
	}
	return sum
}

struct Holder {
mut:
	parent ?&Shape
	shape  Shape
	err    ?IError
}

fn main() {
	mut square := Square{}
	rescale(mut square, 0.5)
	println(square)
	mut shape := Shape(square)
	square.side = 4
	println(shape.area())
	shape.scale = 3
	println(square.scale)
	mut list := []Shape{}
	list << Square{}
	list << &Disc{
		radius: 1
		name:   'd'
		scale:  3
	}
	println(list[1] is Disc)
	disc := list[1] as Disc
	println(disc.name)
	println(total([Square{}, Square{}]))
	println(texts(['a', 'b']))
	println(Textual(7).str() + Textual(square.side > 1).str())
	n := Named(list[1])
	println('${n is Labelled} ${n is Textual} ${n.shout()}')
	l := Labelled(disc)
	println(l.label() + l.shout())
	println(Named(Square{}) == Named(Square{}))
	println(Named(Square{}) == Named(&Square{}))
	println(Named(disc) == Named(Square{}))
	picks := Picks(Disc{
		pick: fn (x int) int {
			return x * 2
		}
	})
	println(picks.pick(21))
	mut h := Holder{
		shape: Square{}
	}
	h.parent = &square
	h.parent?.scale = 9
	println(square.scale)
	println(h.parent?.name)
	h.err = error('kept')
	println(h.err or { error('none') })
	h.shape.scale = 7
	println(h.shape.scale)
}
