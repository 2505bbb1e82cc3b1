module store

pub fn (s Shelf) count() string {
	return 'another system'
}
