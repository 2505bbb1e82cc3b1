// Types with their own `[]` and `[]=`, also for ranges and several indices; enum fields under `$if`;
// parameters on lines of their own.
struct Row {
mut:
	cells []int
}

fn (r Row) [] (index int) int {
	return r.cells[index]
}

fn (mut r Row) []= (index int, value int) {
	r.cells[index] = value
}

struct Grid {
mut:
	last string
}

fn shown(part SliceIndex) string {
	if !part.is_range {
		return part.value.str()
	}
	low := if part.has_low { part.low.str() } else { '' }
	high := if part.has_high { part.high.str() } else { '' }
	return '${low}..${high}'
}

fn (g Grid) [] (parts []SliceIndex) string {
	return parts.map(shown(it)).join(' ')
}

fn (mut g Grid) []= (parts []SliceIndex, value string) {
	g.last = parts.map(shown(it)).join(',') + ' = ' + value
}

struct Axis {}

fn (a Axis) [] (part SliceIndex) string {
	return shown(part)
}

struct Holder {
mut:
	row Row
}

enum Feature {
	base
	$if linux {
		system
	} $else $if beam {
		erlang
	} $else {
		nothing
	}
	last
}

fn join(
	first string
	second string
	third int
) string {
	return '${first}-${second}-${third}'
}

fn next(mut calls []int) int {
	calls << 1
	return calls.len - 1
}

fn main() {
	mut row := Row{[1, 2, 3]}
	row[0] = 10
	row[1] += 5
	row[2]++
	println('${row[0]} ${row[1]} ${row[2]}')
	mut calls := []int{}
	row[next(mut calls)] *= 2
	println('${row[0]} ${calls.len}')
	mut grid := Grid{}
	println(grid[1, 2])
	println(grid[1..3, .., 4.., ..5])
	grid[0, ..2] = 'x'
	println(grid.last)
	grid[1, 3] += '!'
	println(grid.last)
	println(Axis{}[4])
	println(Axis{}[..4])
	mut holder := Holder{row}
	holder.row[1] = 99
	println(holder.row[1])
	println('${int(Feature.last)} ${Feature.erlang}')
	println(join('a', 'b', 3))
}
