module pricing

import pricing.tax

pub type Money = int

fn init() {
	println('init pricing')
}

pub fn price_of(count int) Money {
	return Money(tax.with_tax(count * 10))
}
