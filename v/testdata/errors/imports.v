module
main

import os as os
import
time

fn main() {
	println(os.args.len)
	println(time.now())
	for i := 0; i < 3; j := 1 {
		println(i)
	}
}

import math
