fn f() {}

fn f() {}

struct Size {}

struct Size {}

fn main() {
	a := 1
	a := 2
	println(a)
}
