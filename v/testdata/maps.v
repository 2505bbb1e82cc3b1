// Maps keep the order of insertion.
struct Item {
mut:
	n    int
	tags []string
}

fn count(words []string) map[string]int {
	mut m := map[string]int{}
	for w in words {
		m[w]++
	}
	return m
}

fn change(mut m map[string]int) {
	m['changed'] = 1
	m.delete('b')
}

fn main() {
	m := count(['x', 'y', 'x', 'z', 'x'])
	println(m)
	println(m.len)
	println('x' in m && 'q' !in m)
	println(m.keys())
	println(m.values())
	mut n := {
		1: 'one'
		2: 'two'
	}
	n[3] = 'three'
	n.delete(1)
	n[1] = 'again'
	for k, v in n {
		print('${k}:${v} ')
	}
	println('')
	println(n[99])
	mut items := map[string]Item{}
	items['a'].n = 5
	items['a'].tags << 't'
	items['b'] = Item{
		n: 1
	}
	println(items['a'].tags)
	println(items.len)
	mut nested := map[string]map[string]int{}
	nested['p']['q'] = 4
	println(nested)
	println({'a': 1, 'b': 2} == {'b': 2, 'a': 1})
	mut c := {
		'b': 2
	}
	change(mut c)
	println(c)
	d := c.clone()
	c.clear()
	println('${c.len} ${d.len}')
	mut lists := map[string][]int{}
	lists['k'] << 1
	lists['k'] << 2
	println(lists)
	for _, v in lists {
		println(v.len)
	}
}
