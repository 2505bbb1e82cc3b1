module main

import shop
import shop { Shelf, Till, secret, shelf }

struct Mine {
	shop.Shelf
}

type Any = int | string | shop.Price

fn count(t shop.Till) int {
	return 1
}

fn main() {
	till := shop.open()
	println(till.coins)
	mut s := shelf()
	println(s.label)
	println(s.items)
	s.items << 'salt'
	other := Shelf{
		label: 'a'
		items: []
	}
	println(other.label)
	mut d := shop.Door{}
	d.turns++
	println(d.locked)
	println(shop.Mood.calm)
	println(shop.opening)
	println(shop.closing)
	println(shop.Till{})
	mine := Mine{}
	println(mine.items)
	println(shop.price())
	price := shop.Price(3)
	println(price)
	fresh := unsafe {
		Shelf{
			items: []
		}
	}
	println(fresh.label)
	anything := Any(3)
	println(anything is shop.Till)
	made := []shop.Till{}
	println(made.len)
}
