fn promised(n int) int

fn main() {
	println(promised(1))
}
