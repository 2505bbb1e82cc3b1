module main

import store
import pricing { Money, price_of }
import pricing.tax as duty

const total_label = '${label}: ${store.shelf_count}'

fn init() {
	println('init main')
}

fn main() {
	println(total_label)
	mut s := store.Shelf{
		name: 'tools'
	}
	s.put('hammer')
	s.put('saw')
	println(s)
	println(typeof(s).name)
	m := price_of(s.count())
	println(int(m))
	println(int(Money(5) + m))
	println(duty.rate * 2)
	println(duty.with_tax(100))
	store.visits++
	store.visit()
	println(store.visits)
	kind := store.Kind.metal
	println('${kind} ${store.Kind.from_text('wood')}')
	match kind {
		.metal { println('it is metal') }
		.wood { println('it is wood') }
	}
	show(store.new_shelf('empty'))
	f := store.new_shelf
	println(f('late').name)
}
