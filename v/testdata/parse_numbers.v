// Numbers in strings.
fn main() {
	for s in ['12', '-7', '+3', '12abc', 'abc', '', ' 42 ', '0x1f', '0b101', '1_000'] {
		println('${s} ${s.int()} ${s.i64()}')
	}
	for s in ['1.5', '-2.25e2', '.5', '5.', '1e3', 'x', '', '-0.0', '1e400', '12.5abc'] {
		println('${s} ${s.f64()}')
	}
	println('123'.is_int() && !'12a'.is_int() && !''.is_int())
	println('300'.u8())
	println('99999999999'.int())
	println('ff'.parse_uint(16, 8)!)
	println('256'.parse_uint(10, 8) or {
		println(err)
		0
	})
}
