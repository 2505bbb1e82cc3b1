// Module rand: Erlang's generator, one state for each thread.

@[erlang: 'v_rand:below']
fn rand.below(n i64) i64

@[erlang: 'rand:uniform_real']
fn rand.f64() f64

fn rand.intn(max int) !int {
	if max <= 0 {
		return error('max must be positive')
	}
	return int(rand.below(max))
}

fn rand.int_in_range(min int, max int) !int {
	if max <= min {
		return error('max must be greater than min')
	}
	return min + int(rand.below(i64(max) - i64(min)))
}

fn rand.int() int {
	return int(rand.below(4294967296))
}

fn rand.u32() u32 {
	return u32(rand.below(4294967296))
}

fn rand.int31() int {
	return int(rand.below(2147483648))
}

fn rand.f64n(max f64) !f64 {
	if max <= 0.0 {
		return error('max must be positive')
	}
	return rand.f64() * max
}
