// Module rand: Erlang's generator, one state for each thread.
module rand

@[erlang: 'v_rand:below']
pub fn below(n i64) i64

@[erlang: 'rand:uniform_real']
fn uniform() f64

pub fn f64() f64 {
	return uniform()
}

pub fn intn(max int) !int {
	if max <= 0 {
		return error('max must be positive')
	}
	return int(below(max))
}

pub fn int_in_range(min int, max int) !int {
	if max <= min {
		return error('max must be greater than min')
	}
	return min + int(below(i64(max) - i64(min)))
}

pub fn int() int {
	return int(below(4294967296))
}

pub fn u32() u32 {
	return u32(below(4294967296))
}

pub fn int31() int {
	return int(below(2147483648))
}

pub fn f64n(max f64) !f64 {
	if max <= 0.0 {
		return error('max must be positive')
	}
	return uniform() * max
}
