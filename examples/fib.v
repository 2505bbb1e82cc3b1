// Fibonacci numbers, recursively and with a loop.
fn fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n - 1) + fib(n - 2)
}

fn fib_loop(n int) u64 {
	mut a := u64(0)
	mut b := u64(1)
	for _ in 0 .. n {
		a, b = b, a + b
	}
	return a
}

fn main() {
	for i in 0 .. 16 {
		print('${fib(i)} ')
	}
	println('')
	println('fib(93) = ${fib_loop(93)}')
}
