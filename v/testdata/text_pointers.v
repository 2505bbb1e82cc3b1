// Pointers to the bytes of a text, and copying bytes.
fn main() {
	s := 'hello world'
	unsafe {
		p := s.str
		println(p[1])
		q := p + 6
		println(tos(q, 5))
		println(q.vstring())
		println(vmemcmp(q, c'worxx', 3) == 0)
		println(vmemcmp(q, c'xorxx', 3) == 0)
		println(*q)
		mut b := []u8{}
		b.push_many(q, 3)
		println(b.bytestr())
		mut z := []u8{len: 8}
		n := copy(mut z[2..], b)
		println('${n} ${z}')
		println(copy(mut z, 'abc'.bytes()))
		println(z)
	}
}
