fn f() {}

fn f() {}

struct S {}

struct S {}

fn main() {
	a := 1
	a := 2
	println(a)
}
