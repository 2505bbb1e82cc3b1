// f64 and f32 printing and arithmetic, infinities and NaN.
fn main() {
	println(1.0)
	println(0.1 + 0.2)
	println(1.5e10)
	println(123456.0)
	println(1234567.0)
	println(0.0001)
	println(0.00001)
	println(-2.50)
	println(f32(0.1))
	println(f32(1) / 3)
	println(f64(1) / 3)
	x := 10.0
	zero := 0.0
	println(x / zero)
	println(-x / zero)
	nan := zero / zero
	println(nan == nan)
	println(nan != nan)
	println(x > 1 && x <= 10)
	println('${3.14159:.2f}|${3.14159:8.3f}|${3.14159:-8.1f}|${2.0:08.2f}')
	println('${12345.678:e}')
	println('${0.5:.0f} ${1.5:.0f} ${2.5:.0f}')
	println(f64(7) / 2)
	println(7 / 2)
	println(1e308 * 10)
	mut sum := 0.0
	for i in 1 .. 11 {
		sum += 1.0 / f64(i)
	}
	println(sum)
	println(-0.0)
	println(int(2.9) + 1)
}
