import rand

fn main() {
	println(rand.uniform())
	f := rand.uniform
	println(f())
}
