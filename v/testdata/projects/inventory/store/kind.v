@[has_globals]
module store

const first = 1

__global visits = 10

pub enum Kind {
	wood
	metal
}

pub fn Kind.from_text(text string) Kind {
	return if text == 'wood' { Kind.wood } else { .metal }
}

pub fn visit() {
	visits += first
}

fn init() {
	println('init store')
}

fn cleanup() {
	println('cleanup store')
}
