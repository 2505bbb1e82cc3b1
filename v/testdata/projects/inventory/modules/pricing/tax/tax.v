module tax

pub const rate = 20

fn init() {
	println('init tax')
}

pub fn with_tax(amount int) int {
	return amount + amount * rate / 100
}
