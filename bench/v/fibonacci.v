// The doubly recursive Fibonacci function: calls and additions.
fn fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n - 1) + fib(n - 2)
}

fn main() {
	println(fib(34))
}
