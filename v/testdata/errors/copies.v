@[nocopy]
struct Handle {
	id int
}

struct Box {
mut:
	list  []int
	table map[string]int
}

const numbers = [1, 2]
const names = {
	'a': 1
}
const origin = Box{}

fn use(h Handle) int {
	return h.id
}

fn main() {
	a := [1, 2, 3]
	mut b := a
	b = a
	c := a
	b = a.clone()
	m := {
		'x': 1
	}
	n := m
	mut o := m.clone()
	o = unsafe { m }
	h := Handle{1}
	g := h
	println(use(h))
	box := Box{
		list:  numbers
		table: names
	}
	mut p := &box
	q := &origin
	println('${b} ${c} ${n} ${o} ${g.id} ${box} ${p} ${q}')
}
