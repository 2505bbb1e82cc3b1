// Float operations that are computed together, where some of them meet infinities and NaN.
import math

struct Point {
mut:
	x f64
	y f64
	z f64
}

fn length(p Point) f64 {
	return math.sqrt(p.x * p.x + p.y * p.y + p.z * p.z)
}

// The field that is written is read again by what follows.
fn (mut p Point) push(by f64) {
	p.x += by * p.y
	p.y -= by * p.x
	p.z = (p.x + p.y) / (p.x - p.y)
}

fn mean(values []f64) f64 {
	mut sum := 0.0
	for i, v in values {
		sum = sum + v / (f64(i) + 1.0) * 2.0
	}
	return sum / f64(values.len)
}

fn overflow(start f64) []f64 {
	mut n := start
	mut seen := []f64{}
	for _ in 0 .. 4 {
		square := n * n
		seen << square
		back := square - square + n
		seen << back
		n = square
	}
	return seen
}

fn noisy(name string, value f64) f64 {
	println('${name} is asked for')
	return value
}

fn singles(a f32, b f32) f32 {
	return a * b + a / 3.0 - b
}

fn roots(a f64, b f64, c f64) string {
	inner := b * b - 4.0 * a * c
	if inner < 0 {
		return 'none'
	}
	first := (-b + math.sqrt(inner)) / (2.0 * a)
	second := (-b - math.sqrt(inner)) / (2.0 * a)
	return '${first} ${second}'
}

fn main() {
	mut p := Point{3, 4, 12}
	println(length(p))
	p.push(0.5)
	println(p)
	p.push(math.inf(1))
	println(p)
	println(length(Point{1e200, 1, 1}))
	println(mean([1.0, 2.0, 3.0, 4.0]))
	println(mean([]))
	println(mean([math.inf(-1), 1.0]))
	println(overflow(1e100))
	println(overflow(0.5)[7])
	// In the order that is written, whatever is computed together.
	a := noisy('a', 2.0) * 3.0 + noisy('b', 1.0) / 4.0
	println(a)
	println(singles(1.1, 2.3))
	println(roots(1, -3, 2))
	println(roots(1, 1, 1))
	println(roots(0, 2, 1))
	zero := a - a
	println(math.sqrt(zero - 1.0))
	println(math.log(zero) + 1.0)
	println(math.exp(1000.0 + zero) * -1.0)
	println((1.0 / (zero - 0.0) + 1.0) / 2.0)
	values := [0.0, 1.5, -2.5]
	mut total := 0.0
	for i in 0 .. values.len {
		total += values[i] * values[(i + 1) % 3] - 1.0 / values[i]
		println(total)
	}
}
