// What is passed as a `mut` interface stays the same object; generic interfaces that embed one
// another; arrays of structs where arrays of interfaces are wanted; method values.
interface Counter {
	value() int
mut:
	up()
}

struct Ticks {
mut:
	n int
}

fn (t Ticks) value() int {
	return t.n
}

fn (mut t Ticks) up() {
	t.n++
}

struct Owner {
mut:
	counter Counter
}

fn own(mut c Counter) Owner {
	return Owner{
		counter: c
	}
}

fn twice(f fn ()) {
	f()
	f()
}

interface Source[T] {
	get() T
}

interface Stream[T] {
	Source
	name string
}

struct Words {
	name string = 'words'
}

fn (w Words) get() string {
	return w.name
}

interface Node {
mut:
	name string
	next ?&Node
}

struct Link {
mut:
	name string
	next ?&Node
}

fn chain(mut a Node, mut b Node) {
	a.next = b
}

fn total(list []Counter) int {
	mut sum := 0
	for c in list {
		sum += c.value()
	}
	return sum
}

fn root(n &Link) string {
	return if n.next == unsafe { nil } { 'last' } else { 'goes on' }
}

fn both(first bool) ?(?int, ?string) {
	if first {
		return none, 'x'
	}
	return 1, none
}

fn main() {
	mut t := Ticks{}
	mut o := own(mut t)
	o.counter.up()
	t.up()
	println(t.n)
	println(o.counter.value())
	twice(t.up)
	println(t.n)
	twice(o.counter.up)
	println(t.n)
	s := Stream[string](Words{})
	println(s.get() + s.name)
	mut a := &Link{
		name: 'a'
	}
	mut b := &Link{
		name: 'b'
	}
	chain(mut a, mut b)
	b.name = 'B'
	println(a.next?.name)
	println(root(a) + root(b))
	println(total([Ticks{1}, Ticks{2}]))
	if x, y := both(true) {
		println('${x} ${y}')
	} else {
		println('none')
	}
	x, y := both(false) or { return }
	println('${x} ${y}')
	c := Counter(Ticks{7})
	if c is Ticks {
		println(typeof(c).name)
		println(c)
		println(c.n)
	}
	grid := [[?int(1), none]!, [?int(3), none]!]!
	println(grid)
	mut opt := ?int(1)
	ref := &opt
	println(*ref? + 1)
}
