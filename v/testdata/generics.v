// Generic functions, structs and methods; closures and function values.
fn largest[T](a T, b T) T {
	return if a > b { a } else { b }
}

fn apply[T, U](list []T, f fn (T) U) []U {
	mut out := []U{}
	for x in list {
		out << f(x)
	}
	return out
}

struct Stack[T] {
mut:
	items []T
}

fn (mut s Stack[T]) push(x T) {
	s.items << x
}

fn (mut s Stack[T]) pop() ?T {
	if s.items.len == 0 {
		return none
	}
	return s.items.pop()
}

struct Pair[A, B] {
	first  A
	second B
}

fn swap[A, B](p Pair[A, B]) Pair[B, A] {
	return Pair[B, A]{p.second, p.first}
}

fn twice(f fn (int) int, x int) int {
	return f(f(x))
}

fn adder(n int) fn (int) int {
	return fn [n] (x int) int {
		return x + n
	}
}

fn inc(x int) int {
	return x + 1
}

fn main() {
	println(largest(3, 9))
	println(largest('a', 'b'))
	println(largest[f64](1, 2.5))
	println(apply([1, 2, 3], fn (x int) string {
		return 'n${x}'
	}))
	mut s := Stack[string]{}
	s.push('x')
	s.push('y')
	println(s.pop() or { '' })
	println(s)
	println(swap(Pair[int, string]{1, 'one'}).first)
	println(twice(inc, 5))
	println(twice(adder(10), 5))
	add := adder(3)
	println(add(4))
	println([1, 2, 3].map(add))
	println(twice(|x| x * x, 3))
	fns := {
		'inc': inc
		'add': add
	}
	println(fns['inc'](1))
}
