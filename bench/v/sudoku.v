// A sudoku by backtracking: two-dimensional arrays that are written and taken back.
const puzzle = '53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79'
const hard = '..............3.85..1.2.......5.7.....4...1...9.......5......73..2.1........4...9'

struct Grid {
mut:
	cells [][]int
	tries int
}

fn new_grid(text string) Grid {
	mut cells := [][]int{len: 9, init: []int{len: 9}}
	for i in 0 .. 81 {
		if text[i] != `.` {
			cells[i / 9][i % 9] = int(text[i] - `0`)
		}
	}
	return Grid{ cells: cells }
}

fn (g Grid) allows(row int, column int, digit int) bool {
	for i in 0 .. 9 {
		if g.cells[row][i] == digit || g.cells[i][column] == digit {
			return false
		}
	}
	top := row / 3 * 3
	left := column / 3 * 3
	for i in 0 .. 3 {
		for j in 0 .. 3 {
			if g.cells[top + i][left + j] == digit {
				return false
			}
		}
	}
	return true
}

fn (mut g Grid) solve(from int, tries_max int) bool {
	mut at := from
	for at < 81 && g.cells[at / 9][at % 9] != 0 {
		at++
	}
	if at == 81 {
		return true
	}
	g.tries++
	if g.tries > tries_max {
		return false
	}
	row := at / 9
	column := at % 9
	for digit in 1 .. 10 {
		if g.allows(row, column, digit) {
			g.cells[row][column] = digit
			if g.solve(at + 1, tries_max) {
				return true
			}
			g.cells[row][column] = 0
		}
	}
	return false
}

fn main() {
	mut easy := new_grid(puzzle)
	println(easy.solve(0, 1000000))
	for row in easy.cells {
		println(row)
	}
	mut long := new_grid(hard)
	println(long.solve(0, 40000))
	println(long.tries)
}
