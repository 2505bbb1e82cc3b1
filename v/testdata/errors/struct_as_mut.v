struct Counter {
mut:
	n int
}

fn bump(mut c Counter) {
	c.n++
}

fn first[T](list []T) T {
	return list[0]
}

struct Box[T] {
	value T
	list  []T
}

fn none_known[T]() T {
	return T{}
}

fn main() {
	bump(mut Counter{})
	println(first('text'))
	println(Box{
		list: 3
	})
	println(none_known())
	println(first[int, string]([1]))
}
