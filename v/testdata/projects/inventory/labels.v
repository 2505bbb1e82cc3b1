module main

import store

const label = 'shelves'

interface Named {
	name string
	count() int
}

fn show(n Named) {
	println('${n.name} holds ${n.count()}')
	if n is store.Shelf {
		println('a shelf: ${n.name}')
	}
}
