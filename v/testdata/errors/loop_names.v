fn ranges() {
	for i, j in 0 .. 3 {
		println(i + j)
	}
	for mut i in 0 .. 3 {
		println(i)
	}
	for mut k, v in [1, 2] {
		println(k + v)
	}
	if shared true {
		println('shared')
	}
}
