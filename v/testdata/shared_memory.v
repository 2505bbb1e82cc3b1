// Places where V's values share memory: slices passed as `mut`, the length of an array that unsafe
// code sets, references to the elements of an array, `mut` parameters as references.

fn put(mut bytes []u8, value u8) {
	for i in 0 .. bytes.len {
		bytes[i] = value + u8(i)
	}
}

fn grow(mut numbers []int) {
	numbers[0] = 100
	numbers << 7
}

struct Page {
mut:
	lines [][]int
	used  int
}

@[heap]
struct Node {
	name string
mut:
	parent   &Node = unsafe { nil }
	children []&Node
	count    int
}

fn (mut n Node) add(name string) &Node {
	mut child := &Node{
		name: name
	}
	child.parent = unsafe { n }
	n.children << child
	return child
}

struct Digits {
	values []int
}

fn (d &Digits) shorten() {
	unsafe {
		d.values.len = 2
	}
}

fn count_calls() int {
	unsafe {
		static calls := 0
		calls++
		return calls
	}
}

fn main() {
	mut bytes := []u8{len: 10}
	put(mut bytes[2..5], 1)
	put(mut bytes[7..], 10)
	put(mut bytes#[-1..], 99)
	println(bytes)

	// Elements that a slice grows by are its own.
	mut numbers := [1, 2, 3, 4]
	grow(mut numbers[1..3])
	println(numbers)

	mut page := Page{
		lines: [[1, 2, 3], [4, 5, 6]]
	}
	grow(mut page.lines[1][1..])
	println(page.lines)

	mut many := []int{len: 200, init: index}
	grow(mut many[150..])
	grow(mut many[3..199])
	println('${many[150]} ${many[3]} ${many[4]} ${many[199]} ${many.len}')

	unsafe {
		numbers.len = 2
	}
	println(numbers)
	mut text := 'version 2.0'
	unsafe {
		text.len -= 2
	}
	println(text)
	digits := Digits{[9, 8, 7]}
	digits.shorten()
	println(digits.values)

	mut items := ['a', 'b', 'c']
	pointers := unsafe { items.pointers() }
	println(unsafe { *(&string(pointers[1])) })

	mut root := &Node{
		name: 'root'
	}
	leaf := root.add('leaf')
	root.count = 5
	println('${leaf.parent.name} ${leaf.parent.count} ${root.children.len}')

	count_calls()
	println(count_calls())
}
