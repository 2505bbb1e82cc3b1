// References to structs and variables; changes are seen through every reference.
struct Node {
mut:
	value int
	next  &Node = unsafe { nil }
}

fn (n &Node) get() int {
	return n.value
}

fn (mut n Node) set(v int) {
	n.value = v
}

fn raise(mut n Node) {
	n.value += 100
}

fn main() {
	mut a := &Node{
		value: 1
	}
	mut b := a
	b.value = 5
	println(a.value)
	a.set(6)
	println(b.get())
	raise(mut a)
	println(b.value)
	mut x := 10
	p := &x
	x = 11
	println(*p)
	c := &Node{
		value: 2
		next:  a
	}
	println(c.next.value)
	println(isnil(a.next))
	mut list := &Node{}
	for i in 1 .. 4 {
		list = &Node{
			value: i
			next:  list
		}
	}
	mut sum := 0
	mut at := list
	for !isnil(at) {
		sum = sum * 10 + at.value
		at = at.next
	}
	println(sum)
}
