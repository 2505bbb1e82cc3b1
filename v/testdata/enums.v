// Enums: values that are computed, names to values and back, flags.
const step = 10

fn shifted(n u8) int {
	return int(n) << 4
}

enum Level {
	low    = step / 2
	middle = step
	high   = shifted(2) + 1
	top
}

enum Wide as u64 {
	small
	huge = 0xffff_ffff_ffff_fff0
	next
}

@[_allow_multiple_values]
enum Twice {
	a = 1
	b = 1
	c
}

@[flag]
enum Access {
	read
	write
	run
}

fn name_of(t Twice) string {
	return match t {
		.a { 'a or b' }
		.c { 'c' }
	}
}

fn parse[T](s string) !T {
	return T.from(s)!
}

fn main() {
	println('${int(Level.low)} ${int(Level.middle)} ${int(Level.high)} ${int(Level.top)}')
	println(u64(Wide.next))
	println(Level.from(33)!)
	println(Level.from('top')!)
	Level.from(7) or { println(err) }
	println(parse[Level]('nowhere') or { Level.low })
	if level := Level.from_string('middle') {
		println(.middle == level)
	}
	println(name_of(.b))
	mut a := Access.zero()
	println(a.is_empty())
	a.set(.read | .run)
	println(a)
	println(a.has(.run | .write))
	println(a.all(.run | .write))
	a.toggle(.write)
	a.clear(.read)
	println(a)
	a.set_all()
	println(int(a))
	println(Access.from(6)!)
	println(Access.from(8) or { Access.zero() })
	println(~Access.read)
	a.clear_all()
	println(a)
	mut n := 0
	$for v in Level.values {
		n += int(v.value)
	}
	println(n)
}
