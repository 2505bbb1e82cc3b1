module store

pub const shelf_count = first + 2

pub struct Shelf {
mut:
	items []string
pub mut:
	name string
}

pub fn new_shelf(name string) Shelf {
	return Shelf{
		name: name
	}
}

pub fn (mut s Shelf) put(item string) {
	s.items << item
}

pub fn (s Shelf) count() int {
	return s.items.len
}
