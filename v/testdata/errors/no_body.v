fn promised(n int) int

fn main() {
	println(promised(1))
}

struct Promise {}

fn (p Promise) kept() bool
