// Elements that are read again after this or another one was written, in branches and in loops.

struct Body {
mut:
	x f64
	v f64
}

fn moved(mut bodies []Body, i int, j int) f64 {
	bodies[i].x += bodies[j].v
	bodies[j].v -= bodies[i].x
	bodies[i].v += bodies[j].v * bodies[j].x
	return bodies[i].x + bodies[i].v + bodies[j].x + bodies[j].v
}

fn swapped(numbers []int, i int, j int) []int {
	mut a := numbers.clone()
	a[i], a[j] = a[j], a[i]
	before := a[i]
	a[j] = before + a[j]
	if a[j] > 5 {
		a[i] = a[j]
	} else {
		a[i] += 10
	}
	a[j] += a[i]
	return a
}

fn sums(mut grid [][]int) int {
	mut total := 0
	for i in 0 .. grid.len {
		for j in 0 .. grid[i].len {
			grid[i][j] += total
			total += grid[i][j]
			if j > 0 {
				grid[i][j - 1] = grid[i][j]
			}
			total += grid[i][j] - grid[i][0]
		}
	}
	return total
}

fn fixed() int {
	mut squares := [4]int{}
	for i in 0 .. 4 {
		squares[i] = i * i
		squares[(i + 1) % 4] += squares[i]
		squares[i] += squares[3]
	}
	copy := squares
	squares[1] = 100
	return squares[0] * 1000 + squares[1] + copy[1] * 10 + copy[3]
}

fn text(s string, i int) string {
	if s[i] == `a` && s[i + 1] == `b` {
		return 'ab at ${i}'
	}
	return s[i].ascii_str() + s[s.len - 1 - i].ascii_str()
}

fn main() {
	mut bodies := [Body{1, 2}, Body{3, 4}]
	println(moved(mut bodies, 0, 1))
	println(bodies)
	println(moved(mut bodies, 1, 1))
	println(bodies)
	println(swapped([1, 2, 3], 0, 2))
	println(swapped([1, 2, 30], 0, 2))
	println(swapped([1, 2, 3], 1, 1))
	mut grid := [[1, 2, 3], [4], [5, 6]]
	println(sums(mut grid))
	println(grid)
	mut long := []int{len: 100, init: index}
	long[70] = long[5] + long[99]
	long[5] = long[70] + long[6]
	println('${long[5]} ${long[70]} ${long[6]}')
	println(fixed())
	println(text('xabc', 1))
	println(text('xabc', 0))
	at := long[70] - 100
	println(bodies[at].x)
}
