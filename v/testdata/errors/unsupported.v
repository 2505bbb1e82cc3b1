import os

__global counter = 1

fn main() {
	mut static_like := 1
	static_like++
	x := sizeof(int)
	println(x)
	goto done
	done:
	$for f in int.fields {
		println(f)
	}
}
