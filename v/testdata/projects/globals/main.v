// Global variables: values, references and references to interfaces, set by init().
@[has_globals]
module main

struct Counter {
mut:
	n int
}

interface Source {
mut:
	next() int
}

fn (mut c Counter) next() int {
	c.n++
	return c.n
}

__global counter &Counter
__global source &Source
__global (
	plain = 3
	names []string
	table = {
		'one': 1
	}
)

fn init() {
	counter = &Counter{
		n: 5
	}
	mut held := &Counter{
		n: 7
	}
	source = &Source(held)
	plain = 8
}

fn remember(name string) {
	names << name
	table[name] = names.len
}

fn main() {
	println(plain)
	println(counter.n)
	println(source.next())
	println(source.next())
	remember('a')
	remember('b')
	println(names)
	println(table)
	p := &plain
	plain++
	println(*p)
}
