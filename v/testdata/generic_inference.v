// Type arguments that follow from arguments of every shape.

struct Pair[T, U] {
	first  T
	second U
}

struct Options[T] {
	value T
	times int = 2
}

type Parser[T] = fn (string) ![]T

type Either[T] = int | []T

fn (p Parser[T]) run[T](text string) []T {
	return p(text) or { []T{} }
}

fn (p Pair[int, U]) kind() string {
	return 'int first'
}

fn (p Pair[T, []U]) kind() string {
	return 'list second'
}

fn (p Pair[T, U]) swapped() Pair[U, T] {
	return Pair{p.second, p.first}
}

fn (p Pair[T, U]) with[V](extra V) Pair[T, V] {
	return Pair{
		first:  p.first
		second: extra
	}
}

fn convert[T, R](list []T, f fn (T) R) []R {
	mut out := []R{cap: list.len}
	for x in list {
		out << f(x)
	}
	return out
}

fn twice[T](x T) T {
	return x + x
}

fn repeat[T](o Options[T]) []T {
	return []T{len: o.times, init: o.value}
}

fn keys_of[K, V](m map[K]V) []K {
	return m.keys()
}

fn or_default[T](x ?T, d T) T {
	return x or { d }
}

fn apply[T](x T, f fn (T) T) T {
	return f(x)
}

fn total[T](xs ...T) T {
	mut sum := T{}
	for x in xs {
		sum += x
	}
	return sum
}

fn count_either[T](e Either[T]) int {
	return match e {
		int { e }
		[]T { e.len }
	}
}

fn parse_ints(text string) ![]int {
	if text == '' {
		return error('nothing to read')
	}
	return text.split(',').map(it.int())
}

fn filled[T](n int) T {
	return T{len: n, init: 7}
}

fn number[T]() T {
	return T{5}
}

fn callback[T](f fn () T) ?T {
	return f()
}

fn maybe() ?int {
	return 4
}

fn next_id() int {
	mut id := 0
	id++
	println('called')
	return id
}

fn show[A, B](a A, b B) string {
	return '${a}/${b}'
}

fn main() {
	println(convert([1, 2, 3], |x| f64(x) * 1.5))
	println(convert([1, 2, 3], |x| 'n${x}'))
	println(convert([1, 2, 3], twice))
	println(convert(['a', 'b'], fn (s string) int {
		return s.len
	}))
	println(Pair{'two', 2}.swapped().first)
	println(Pair{1, 'x'}.with([1.5]).second)
	println(Pair{1, 'x'}.kind())
	println(Pair{'x', [1]}.kind())
	println(repeat(value: 'ab', times: 3))
	println(repeat(Options[u8]{ value: 9 }))
	println(keys_of({
		'one': 1
		'two': 2
	}))
	println(or_default(?int(none), 5))
	println(or_default(3, 5))
	println(apply(4, twice))
	println(total(1, 2, 3))
	println(total(...[1.5, 2.5]))
	println(total[string]())
	println(count_either[string](3))
	println(count_either(['a', 'b']))
	println(Parser[int](parse_ints).run('1,2,3'))
	println(Parser[int](parse_ints).run(''))
	println(filled[[]int](2))
	println(number[f64]())
	println(number[[]u8]())
	println(callback(maybe)?)
	println(callback(next_id)?)
	println(apply(next_id(), |n| n + 1))
	f := show[int, string]
	println(f(1, 'b'))
	g := fn [T](s string) string {
		return s
	}
	println(g('plain'))
}
