// Linked structures that are made, written to and dropped over and over: what nobody can reach any
// more does not stay. What is reachable does.
import erlang

@[heap]
struct Node {
mut:
	value int
	next  &Node = unsafe { nil }
}

struct List {
mut:
	first &Node = unsafe { nil }
	last  &Node = unsafe { nil }
	len   int
}

@[erlang: 'erlang:get']
fn process_dictionary() erlang.Term

fn (mut l List) add(value int) {
	node := &Node{
		value: value
	}
	if isnil(l.first) {
		l.first = node
	} else {
		mut last := l.last
		last.next = node
	}
	l.last = node
	l.len++
}

fn (l &List) sum() int {
	mut total := 0
	mut node := l.first
	for !isnil(node) {
		total += node.value
		node = node.next
	}
	return total
}

// The whole list ends with the call.
fn rounds(n int) int {
	mut list := &List{}
	for i in 0 .. n {
		list.add(i)
	}
	mut first := list.first
	first.value = 1000
	return list.sum() + list.len
}

// The list is the caller's.
fn made(n int) &List {
	mut list := &List{}
	for i in 0 .. n {
		list.add(i)
	}
	return list
}

struct Kept {
mut:
	node &Node
}

fn (mut k Kept) replace(value int) int {
	before := k.node.value
	k.node = &Node{
		value: value
	}
	k.node.value++
	return before
}

// An error of a type that is boxed holds no reference.
fn checked(n int) !int {
	mut list := made(n)
	list.add(1)
	if list.len > 3 {
		return error('too long: ${list.len}')
	}
	return list.sum()
}

fn nested() int {
	mut total := 0
	for i in 0 .. 50 {
		mut outer := &Node{
			value: i
		}
		for j in 0 .. 20 {
			mut inner := &Node{
				value: j
			}
			inner.value += i
			if j == 3 {
				continue
			}
			// This one is in the structure of the round around it.
			inner.next = outer.next
			outer.next = inner
		}
		mut node := outer.next
		for !isnil(node) {
			total += node.value
			node = node.next
		}
		if i == 40 {
			break
		}
	}
	return total
}

fn counter() int {
	mut sum := 0
	for i in 0 .. 1000 {
		mut n := i
		add := fn [mut n] () int {
			n++
			return n
		}
		add()
		sum += add()
	}
	return sum
}

fn cells() int {
	return process_dictionary().str().count('{ref,')
}

fn main() {
	mut sum := i64(0)
	for i in 0 .. 2000 {
		sum += rounds(10 + i % 3)
	}
	println(sum)
	for i in 0 .. 300 {
		list := made(i % 7)
		sum += list.sum()
	}
	println(sum)
	few := cells()
	println('few are left: ${few < 50}')
	mut list := made(3)
	mut kept := Kept{
		node: list.first
	}
	for i in 0 .. 5 {
		list.add(10 * i)
		println(kept.replace(i))
		rounds(5)
	}
	println('${list.sum()} ${list.len} ${kept.node.value}')
	println(checked(2) or { -1 })
	println(checked(5) or {
		println(err)
		-1
	})
	println(list.sum())
	println(nested())
	println(counter())
	mut nodes := []&Node{}
	for i in 0 .. 4 {
		nodes << &Node{
			value: i
		}
		rounds(3)
		nodes[i / 2].value += 100
	}
	println(nodes.map(it.value))
}
