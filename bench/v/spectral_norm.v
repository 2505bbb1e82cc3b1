// The spectral norm of an infinite matrix: floats in arrays, nested loops.
import math

fn a(i int, j int) f64 {
	return 1.0 / f64((i + j) * (i + j + 1) / 2 + i + 1)
}

fn times(mut v []f64, u []f64) {
	for i in 0 .. v.len {
		mut sum := 0.0
		for j, x in u {
			sum += a(i, j) * x
		}
		v[i] = sum
	}
}

fn times_transposed(mut v []f64, u []f64) {
	for i in 0 .. v.len {
		mut sum := 0.0
		for j, x in u {
			sum += a(j, i) * x
		}
		v[i] = sum
	}
}

fn main() {
	n := 200
	mut u := []f64{len: n, init: 1.0}
	mut v := []f64{len: n}
	mut w := []f64{len: n}
	for _ in 0 .. 10 {
		times(mut w, u)
		times_transposed(mut v, w)
		times(mut w, v)
		times_transposed(mut u, w)
	}
	mut vbv := 0.0
	mut vv := 0.0
	for i in 0 .. n {
		vbv += u[i] * v[i]
		vv += v[i] * v[i]
	}
	println('${math.sqrt(vbv / vv):.9f}')
}
