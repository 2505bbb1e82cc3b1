import os

fn main() {
	ch := chan int{}
	shared x := 5
	spawn fn () {
		println('x')
	}()
}
