// Closures with state of their own, methods as values, values passed as mutable interfaces.
import os

struct Greeter {
	name string
}

fn (g Greeter) greet(other string) string {
	return '${g.name} greets ${other}'
}

fn counter() fn () int {
	mut n := 0
	return fn [mut n] () int {
		n++
		return n
	}
}

interface Shape {
	area() int
mut:
	grow(n int)
}

struct Square {
mut:
	side int
}

fn (s Square) area() int {
	return s.side * s.side
}

fn (mut s Square) grow(n int) {
	s.side += n
}

fn enlarge(mut s Shape) int {
	s.grow(2)
	return s.area()
}

fn map_all[T](list []T, f fn (T) T) []T {
	g := fn [f] [T](x T) T {
		return f(f(x))
	}
	return list.map(g(it))
}

fn main() {
	a := counter()
	b := counter()
	println('${a()} ${a()} ${b()} ${a()}')
	mut total := 10
	add := fn [mut total] (x int) int {
		total += x
		return total
	}
	println(add(5) + add(1))
	println(total)
	hello := Greeter{'Ann'}.greet
	println(hello('Bob'))
	mut sq := Square{3}
	println(enlarge(mut sq))
	println(sq.side)
	println(map_all([1, 2], fn (x int) int {
		return x * 3
	}))
	println(os.args.len > 0)
	println(os.getenv('NO_SUCH_VARIABLE') == '')
	println(os.input_opt('') or { 'no input' })
	offset := 100
	println([3, 1, 2].map(it + offset).filter(it > 101))
	mut words := ['b', 'a']
	words.sort(|x, y| x < y)
	println(words)
}
