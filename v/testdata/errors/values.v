enum Mood {
	calm
	busy
}

interface Speaker {
	speak() string
}

type Handler = fn (int) string

type Held = &int | string

type Failing = !int | string

struct Small {
	size u8
}

fn main() {
	a := Mood{}
	b := Speaker{}
	c := Handler{}
	d := {
		'x': 1
		"x": 2
		'y': 3
	}
	e := {
		1.5:  'a'
		0.25: 'b'
		1.50: 'c'
	}
	mut f := u16(4)
	f = -1
	g := Small{
		size: -2
	}
	println(char(65))
	println('${char(66)} ${exit(1)}')
	dump(char(67))
	println(...[1, 2])
	println('${a} ${b} ${c} ${d} ${e} ${f} ${g}')
}
