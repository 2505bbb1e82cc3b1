// The inner loops of V's own module math.big, on Erlang's integers: V keeps a number as digits of
// 60 bits, the lowest first.
module big

@[erlang: 'v_big:product']
fn product(a []u64, b []u64) []u64

@[erlang: 'v_big:divided']
fn divided(a []u64, b []u64) ([]u64, []u64)

fn multiply_digit_array(operand_a []u64, operand_b []u64, mut storage []u64) {
	storage = product(operand_a, operand_b)
}

fn divide_array_by_array(operand_a []u64, operand_b []u64, mut quotient []u64, mut remainder []u64) {
	whole, rest := divided(operand_a, operand_b)
	quotient = whole.clone()
	remainder = rest.clone()
}

fn left_shift_digits_in_place(mut a []u64, amount int) {
	a.prepend([]u64{len: amount})
}

fn right_shift_digits_in_place(mut a []u64, amount int) {
	a.drop(amount)
}
