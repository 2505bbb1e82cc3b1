import os

__global counter = 1

fn main() {
	mut static_like := 1
	static_like++
	goto done
	done:
}
