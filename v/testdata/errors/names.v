type string = int

fn print(text string) {}

fn (n int) twice() int {
	return n * 2
}

fn (list []int) total() int {
	return list.len
}

fn main() {
	seen := 1
	f := fn () {
		println(seen)
	}
	f()
	println(seen), seen + 1
}
