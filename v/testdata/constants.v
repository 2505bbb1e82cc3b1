// Constants, also ones that depend on each other and on functions.
const area = width * height
const width = 6
const height = 7
const names = ['a', 'b']
const table = make_table()
const greeting = 'hi ' + names[1]
const big = i64(1) << 40
const ratio = 2.5

fn make_table() []int {
	mut t := []int{}
	for i in 0 .. width {
		t << i * i
	}
	return t
}

const lookup = {
	'x': 1
	'y': 2
}

fn main() {
	println(area)
	println(table)
	println(greeting)
	println(big)
	println(ratio * 2)
	println(lookup['y'])
	println(names.len + width)
}
