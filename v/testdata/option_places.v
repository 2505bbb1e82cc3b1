// Options as places, casts to options, and what stays an option after an assignment.
struct Point {
mut:
	x int
	y ?string
}

type Number = f64 | int

type Holds = ?Point | int

fn scaled(base int, factor ?int) int {
	return base * (factor or { 1 })
}

fn first_of(p ?Point) ?int {
	return p?.x
}

fn set_x(mut p ?Point, x int) ? {
	p?.x = x
}

fn shorten(mut list ?[]int) ? {
	list? << 7
	list?.pop()
	list?.pop()
}

fn kind(h Holds) string {
	return match h {
		?Point {
			if h == none { 'no point' } else { 'point ${h.x}' }
		}
		int {
			'int'
		}
	}
}

fn main() {
	mut p := ?Point{}
	println(p)
	assert p == none
	p = Point{
		x: 1
	}
	// The option as a whole is an option still, its members are reached.
	p.x = 2
	println(p.x)
	println(typeof(p).name)
	p?.y = 'up'
	println(p)
	set_x(mut p, 5)
	println(first_of(p) or { -1 })
	println(first_of(none) or { -1 })
	if p != none {
		println(p.x)
		p = none
	}
	println(p == none)
	mut none_yet := ?Point{}
	set_x(mut none_yet, 3)
	println(none_yet)
	mut list := ?[]int([1, 2, 3])
	shorten(mut list)
	println(list)
	println(?bool(2))
	println(?u8(?int(300)))
	println(?Number(1.5))
	println(?Number(none))
	println(scaled(4))
	println(scaled(4, 3))
	q := &?Point{
		x: 9
	}
	println(q?.x)
	println(kind(Holds(?Point{
		x: 4
	})))
	println(kind(Holds(?Point{})))
	println(kind(Holds(3)))
	nothing := ?string(none)
	println((nothing as string).len)
	some := ?Number(2)
	println(some as int)
}
