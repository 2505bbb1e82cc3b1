// Branches that change several variables, with float operations whose result may be infinite.

fn both(x f64, kind int) (f64, f64) {
	mut sum := 0.0
	mut scale := 1.0
	if x == 1 {
		return 0.0, scale
	} else if x < 8 {
		if kind == 6 {
			scale *= x
			sum += scale * 2
		} else if kind == 7 {
			scale *= x * 1e300
			scale *= 1e300
		}
	} else {
		sum = 4.0
	}
	return sum, scale
}

fn main() {
	for kind in 5 .. 8 {
		sum, scale := both(2.5, kind)
		println('${sum} ${scale}')
	}
	sum, scale := both(9, 6)
	println('${sum} ${scale}')
}
