struct Counter {
	value int
}

@[must_use]
fn (c Counter) next() int {
	return c.value + 1
}

@[must_use]
fn half(n int) !int {
	return n / 2
}

@[deprecated]
fn older() {}

@[deprecated: 'use half']
fn old(n int) int {
	older()
	return n
}

@[deprecated: 'use next']
@[deprecated_after: '2990-01-31']
fn (c Counter) later() int {
	return c.value
}

fn main() {
	c := Counter{4}
	c.next()
	half(3)!
	half(5) or { 0 }
	println(c.next() + half(8)!)
	println(old(1))
	older()
	println(c.later())
	$compile_warn('nothing to see')
}
