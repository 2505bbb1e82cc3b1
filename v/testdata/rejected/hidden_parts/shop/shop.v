module shop

struct Till {
	coins int
}

enum Mood {
	calm
	busy
}

pub struct Shelf {
pub:
	label string
mut:
	items []string
}

pub struct Door {
	locked bool
pub mut:
	turns int
}

type Price = int

pub fn open() Till {
	return Till{
		coins: 3
	}
}

pub fn shelf() Shelf {
	return Shelf{
		label: 'tea'
	}
}

fn secret() int {
	return 1
}

pub const opening = 8

const closing = 18

pub fn price() Price {
	return 3
}
