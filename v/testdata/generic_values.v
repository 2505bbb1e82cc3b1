// Generic functions as values, values without a name passed as `mut`, panics of `as`.

struct Counter {
mut:
	n int
}

fn (mut c Counter) bump() int {
	c.n++
	return c.n
}

struct Runner {}

fn (r Runner) run[T](mut x T) int {
	return x.bump()
}

fn (r Runner) apply[T](x T, f fn (T) T) T {
	return f(x)
}

fn double[T](x T) T {
	return x + x
}

fn use(x f64, f fn (f64) f64) f64 {
	return f(x)
}

struct Pipe[T] {
	items chan T
}

fn fill[T](p Pipe[T], values []T) {
	for v in values {
		p.items <- v
	}
}

interface Named {
	name string
}

struct Person {
	name string
	age  int
}

type Somebody = Person

type Scalar = int | string

fn (s []Scalar) sum() int {
	mut n := 0
	for x in s {
		n += if x is int { x } else { 0 }
	}
	return n
}

fn first[T](list []T) ?T {
	return if list.len > 0 { list[0] } else { none }
}

struct Link[T] {
	value T
	next  &Link[T] = unsafe { 0 }
}

fn main() {
	println(isnil(Link[int]{}.next))
	println(Runner{}.run(mut Counter{4}))
	println(Runner{}.apply('ab', double))
	println(use(1.5, double))
	pipe := Pipe[int]{}
	spawn fill(pipe, [1, 2])
	println(<-pipe.items + <-pipe.items)
	n := Named(Somebody{
		name: 'ann'
		age:  3
	})
	println(n is Person)
	println((n as Person).age)
	println([Scalar(1), 'x', 4].sum())
	first[int]([]) or { 0 }
	println(first([7]) or { 0 })
	s := Scalar('text')
	println(s as int)
}
