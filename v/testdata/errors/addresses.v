struct Point {
	x int
	y ?int
}

fn (p Point) size() int {
	return p.x
}

fn plain(p &Point) Point {
	return p
}

fn referred() &Point {
	p := Point{}
	return p
}

fn number() int {
	return 1
}

fn main() {
	mut list := [1, 2]
	table := {
		'a': 1
	}
	p := Point{1, 2}
	a := &number()
	b := &3
	c := &list[0]
	d := &table['a']
	e := &(&p)
	g := &p.size
	h := &p.y
	i := &Point{3, 4}.x
	println('${a} ${b} ${c} ${d} ${e} ${g} ${h} ${i}')
	println('${plain(&p)} ${referred()}')
}
