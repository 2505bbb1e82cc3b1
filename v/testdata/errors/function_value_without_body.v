fn promised() int

fn main() {
	f := promised
	println(f())
}
