// Arrays: growth past the first leaf, slices, functions of elements, two dimensions, panics caught by `or`.
fn fill(mut a []int, n int) {
	for i in 0 .. n {
		a << i
	}
}

fn main() {
	mut a := []int{}
	fill(mut a, 100)
	println(a.len)
	println(a[0] + a[31] + a[32] + a[99])
	a[50] = -1
	println(a[48..53])
	mut big := []int{len: 3000, init: index * 2}
	big[1500] += 1
	println(big[1499] + big[1500] + big[2999])
	mut sum := i64(0)
	for x in big {
		sum += x
	}
	println(sum)
	for big.len > 2990 {
		big.pop()
	}
	println('${big.len} ${big.last()} ${big.first()}')
	println([1, 2, 3].map(it * it))
	println([1, 2, 3, 4].filter(it % 2 == 0))
	println([3, 1, 2].sorted())
	println([1, 2, 3].any(it > 2))
	println([1, 2, 3].all(it > 2))
	mut names := ['pear', 'fig', 'apple']
	names.sort(a.len < b.len)
	println(names)
	println(names.index('apple'))
	println('fig' in names)
	println(names.join('-'))
	mut b := [5, 6, 7, 8]
	b.delete(1)
	b.insert(0, 1)
	b.prepend(0)
	println(b)
	b << [9, 10]
	println(b.reverse())
	println(b[1..])
	println(b[..2])
	println(b#[-2..])
	mut grid := [][]int{len: 2, init: []int{len: 3}}
	grid[1][2] = 5
	grid[0][0]++
	println(grid)
	c := b.clone()
	b.clear()
	println('${b.len} ${c.len}')
	println(c == [0, 1, 5, 7, 8, 9, 10])
	x := c[20] or { -1 }
	println(x)
	mut f := [3]int{init: 4}
	f[1] = 0
	println(f)
	println(f.len)
	g := [1, 2, 3]!
	println(g[2])
	println([[1, 2], [3]].len)
	println([1, 2] == [1, 2])
	println([true, false])
	println([1.5, 2.0])
	println([`a`, `b`])
	mut stack := [1]
	stack << 2
	println(stack.pop())
	println(stack)
	println([1, 2, 3].contains(2))
	println([1, 2, 3, 4, 5].count(it > 2))
	println([]string{len: 2})
	println(['a', 'b'].repeat(2))
	println([5]int{}.len)
	mut m := [10, 20, 30]
	m[0], m[2] = m[2], m[0]
	println(m)
	println(m.len + m.map(it / 10)[0])
}
