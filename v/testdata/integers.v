// Widths, wraparound, promotion, division and shifts.
fn main() {
	mut a := i8(127)
	a++
	println(a)
	mut b := u8(0)
	b--
	println(b)
	mut c := i16(-32768)
	c -= 1
	println(c)
	mut d := u16(65535)
	d += 2
	println(d)
	mut e := 2147483647
	e += 1
	println(e)
	mut f := u32(0)
	f -= 1
	println(f)
	mut g := i64(9223372036854775807)
	g += 1
	println(g)
	mut h := u64(18446744073709551615)
	h += 2
	println(h)
	println(i64(3037000500) * i64(3037000500))
	println(u64(0xdeadbeefcafebabe) * 31)
	x := 46341
	println(x * x)
	println(-7 / 2)
	println(-7 % 2)
	println(7 / -2)
	n := 33
	one := 1
	println(one << n)
	println(-one >> n)
	println(u8(200) + u8(100))
	println(u8(1) + 255)
	println(i64(1) << 40)
	println(0xff & 0x0f | 0x30 ^ 0x01)
	println(~5)
	println(~u8(5))
	println(u8(300 & 0xff))
	println(int(3000000000))
	println(i8(u8(200)))
	println(u32(i8(-1)))
	println(int(-3.99))
	println(u8(`a`))
	println(rune(98))
	println(i16(5) + 1)
	println(typeof(u8(1) + 1).name)
	println(typeof(i16(1) + int(2)).name)
	println(-2 ** 2)
	println(3 ** 4)
	min := i64(-9223372036854775807) - 1
	println(min / -1)
	println(i64(-8) >>> 1)
	println(u64(1) << 63)
	println(usize(7) % 4)
}
