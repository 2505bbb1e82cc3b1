// Unions: fields of plain data share their bytes, others keep what was written last.

union Word {
mut:
	number u32
	bytes  [4]u8
	halves [2]u16
}

union Bits {
	f f64
	u u64
}

struct Pair {
	low  u16
	high u16
}

union Packet {
mut:
	pair Pair
	all  u32
}

union Any {
mut:
	text   string
	number int
}

struct Holder {
mut:
	word Word
}

fn main() {
	unsafe {
		mut w := Word{
			number: 0x01020304
		}
		println(w.bytes)
		w.bytes[3] = 0xff
		println(w.number.hex())
		println(w.halves[0].hex())
		w.halves[1] = 1
		println(w.number)
		println(Bits{ f: 1.5 }.u.hex())
		println(Bits{ u: u64(0x4009_21fb_5444_2d18) }.f)
		mut p := Packet{
			all: 0x00070003
		}
		println('${p.pair.low} ${p.pair.high}')
		p.pair = Pair{
			low:  1
			high: 2
		}
		println(p.all)
		mut h := Holder{}
		h.word.number = 258
		reference := &h.word
		println(reference.bytes)
		mut a := Any{
			text: 'abc'
		}
		println(a.text)
		a.number = 5
		println(a.number)
		println(sizeof(Word))
		println(a.text)
	}
}
