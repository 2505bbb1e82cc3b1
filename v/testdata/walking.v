fn main() {
	mut m := {'a': 1, 'b': 2, 'c': 3}
	for k, v in m {
		println('${k} ${v}')
		if k == 'a' { m.delete('b') m['z'] = 9 m['c'] = 33 }
	}
	for k, mut v in m { v += 10 if k == 'q' { v = 1 } }
	println(m)
	mut u := []u8{len: 4}
	for i in 0 .. 4 { u[i] = i  u << i }
	println(u)
	for i in 0 .. 2 { x := i println(typeof(x).name) f := 1.5 * i println(f) println(i) println('${i:3d}') println(-i) println(1 << i)}
	a := [1,2,3]
	for i in 0 .. a.len { if i == 2 { println(a[i]) } }
	o := ?[]int([4,5])
	for x in o { println(x) }
	mut arr := [5, 6]
	arr.insert(1, [7, 8]) arr.prepend([1, 2]) println(arr) println(arr.last_index(8)) println(arr.get(9) or { -1 })
	arr.reset() println(arr)
	mut n := 5
	was := n++
	println('${was} ${n}')
	options := [?int(none), ?int(4)]
	println('${options[9] or { -1 }} ${options[1] or { -2 }} ${options[0] or { -3 }}')
	println('[${8:-010}] [${8:-5}] [${8:05}]')
	println('${&main_like}')
}

fn main_like() {}
