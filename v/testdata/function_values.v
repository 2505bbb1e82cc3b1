// Lambdas that leave out parameters, methods and static methods as values, lists spread over
// parameters, functions named like keywords, and types found out at run time.

struct Counter {
mut:
	count int
	step  fn (mut c Counter, by int) = unsafe { nil }
}

fn (mut c Counter) run(by int) {
	c.step(mut c, by)
}

struct Point {
	x int
}

fn Point.at(x int) Point {
	return Point{
		x: x
	}
}

type Place = Point

fn call(f fn (int, string) string) string {
	return f(3, 'x')
}

fn attempt(f fn () !) string {
	f() or { return err.msg() }
	return 'fine'
}

fn sum3(a int, b int, c int) int {
	return a * 100 + b * 10 + c
}

fn head(first string, rest ...string) string {
	return '${first}:${rest.len}'
}

fn numbers() []int {
	println('numbers')
	return [4, 5, 6]
}

fn lock(x int) int {
	return x + 1
}

fn select() string {
	return 'selected'
}

fn match[T](x T) T {
	return x
}

fn shown(xs ...int) string {
	return typeof(xs)
}

type Either = Point | int | string

interface Named {
	x int
}

struct Other {
	x int
	y int
}

fn held(e Either) string {
	return typeof(e) + ' in ' + typeof(e).name
}

fn pointee[T](value T) string {
	$if T is map[K]W {
		return 'map of ' + typeof[W]().name + ' by ' + typeof[K]().name
	} $else $if T is &E {
		return 'reference to ' + typeof[E]().name
	} $else {
		return typeof[T]().name
	}
}

fn main() {
	mut c := Counter{
		step: |mut c, by| unsafe {
			c.count += by
		}
	}
	c.run(2)
	c.run(5)
	println(c.count)
	println(call(|| 'nothing'))
	println(call(|n| 'only ${n}'))
	println(call(|n, s| s.repeat(n)))
	println(attempt(|| println('lambda')))
	println(attempt(|| error('failed')))
	println([1, 2].map(Point.at).map(it.x))
	println([7].map(Place.at)[0].x)
	println(Place.at(8).x)
	has := 'haystack'.contains
	println(has('stack'))
	text := 12.str
	println(text())
	list := ['a', 'b', 'c']
	println(head(...list))
	println(sum3(...[1, 2, 3]))
	println(sum3(...numbers()))
	println(sum3(9, ...[8, 7]))
	println('${lock(1)} ${select()} ${match(true)} ${match[string]('m')}')
	println(shown(1, 2))
	println(held(Point{}))
	println(held('s'))
	mut named := [Named(Point{}), Other{}]
	println(named.map(it.type_name()))
	println(named[0].type_idx() == typeof(Point{}).idx)
	println(pointee({
		'a': 1.5
	}))
	println(pointee(&c))
	println(pointee(1))
}
