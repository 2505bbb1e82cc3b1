// Structs without a name, structs that only a function knows, update from another struct, and how
// structs that lead back to themselves are shown.
struct Window {
	title string = 'none'
mut:
	size struct {
	mut:
		width  int = 80
		height int = 25
	}
}

struct Plain {
	a int
	b string
}

struct Extended {
	b string
	a int
	c bool
}

struct Node {
	name string
mut:
	next  &Node  = unsafe { nil }
	kids  []Node
	twin  ?&Node
	other &Plain = unsafe { nil }
}

fn describe(p struct { x int y int }) string {
	return '${p.x}/${p.y}'
}

fn first() string {
	struct Local {
		n int
	}

	l := Local{4}
	return '${l}'
}

fn second() string {
	struct Local {
		s string
		t ?string
	}

	l := Local{
		s: 'x'
	}
	return '${l.s}${l.t}'
}

fn main() {
	mut w := Window{}
	println(w)
	w.size.width = 100
	w.size = struct {
		width:  1
		height: 2
	}
	println(w.size.width + w.size.height)
	mut v := struct {
		name: 'V'
		year: 2019
	}
	v.year++
	println(v)
	println(describe(struct { x: 1, y: 2 }))
	println(first())
	println(second())
	p := Plain{1, 'b'}
	e := Extended{
		...p
		c: true
	}
	println(e)
	mut a := Node{
		name: 'a'
	}
	println(a)
	mut b := &Node{
		name: 'b'
	}
	b.twin = b
	b.next = b
	b.kids << a
	println(b)
}
