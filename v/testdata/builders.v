// Building text, and random numbers within their bounds.
import rand
import strings

fn main() {
	mut sb := strings.new_builder(10)
	sb.write_string('hello')
	sb.writeln(' world')
	sb << `x`
	sb.write_rune(`é`)
	println(sb.len)
	println(sb.last_n(2))
	println(sb.cut_to(5).len)
	println(sb.str())
	println(sb.len)
	n := rand.intn(5)!
	println(n >= 0 && n < 5)
	rand.intn(0) or { println(err) }
	println(rand.hex(10).len)
	println(rand.uuid_v4()[14..15])
	mut a := [1, 2, 3]
	rand.shuffle(mut a)!
	a.sort()
	println(a)
	rand.seed([u32(1), 2])
	first := rand.u32()
	rand.seed([u32(1), 2])
	println(first == rand.u32())
	println(rand.bytes(5)!.len)
}
