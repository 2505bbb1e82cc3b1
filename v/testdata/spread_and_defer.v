struct Pair { x int }
fn two() (int, string) { return 7, 'q' }
fn show(a int, b string) string { return '${a}-${b}' }
fn add(a int, b int, c int) int { return a + b + c }
fn d(n int) int {
	mut out := 0
	if n > 1 {
		k := n * 10
		defer(fn) { println('end ${k} ${out}') }
	}
	for i in 0 .. 2 { defer { println('loop ${i}') } }
	out = 5
	defer { println('res ${$res()}') }
	return out + n
}
type Shape = int | string | Pair
fn desc(s Shape) string {
	return match s {
		int, string { 'plain ${s}' }
		Pair { 'p ${s.x}' }
	}
}
fn main() {
	println(show(two()))
	println(add(1, ...[2, 3]))
	println(d(1)) println(d(2))
	println(desc(Shape(3))) println(desc('a')) println(desc(Pair{9}))
	s := Shape(3)
	println(s in [int, Pair]) println(s !in [Pair])
	mut a := 1 mut b := 2
	a, b = b++, a--
	println('${a} ${b}')
	mut xs := [1, 2, 3]
	for mut x in xs { (*x)++ x *= 2 }
	println(xs)
	f := xs[0].str
	println(f())
	e := unsafe { xs[1..] }
	println(e)
}
