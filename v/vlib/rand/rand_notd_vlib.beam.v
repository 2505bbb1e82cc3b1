// Module rand without V's own library: Erlang's generator, with a state for each thread.
module rand

@[erlang: 'v_rand:bits']
fn bits(count int) u64

@[erlang: 'v_rand:seed']
pub fn seed(seed_data []u32)

@[erlang: 'v_rand:below']
fn below(n i64) i64

@[erlang: 'v_rand:real']
fn uniform() f64

pub fn u8() u8 {
	return u8(bits(8))
}

pub fn u16() u16 {
	return u16(bits(16))
}

pub fn u32() u32 {
	return u32(bits(32))
}

pub fn u64() u64 {
	return bits(64)
}

pub fn int() int {
	return int(bits(32))
}

pub fn i64() i64 {
	return i64(bits(64))
}

pub fn int31() int {
	return int(bits(31))
}

pub fn int63() i64 {
	return i64(bits(63))
}

pub fn intn(max int) !int {
	if max <= 0 {
		return error('max has to be positive.')
	}
	return int(below(max))
}

pub fn i64n(max i64) !i64 {
	if max <= 0 {
		return error('max has to be positive.')
	}
	return below(max)
}

pub fn u32n(max u32) !u32 {
	if max == 0 {
		return error('max must be positive integer')
	}
	return u32(below(max))
}

pub fn int_in_range(min int, max int) !int {
	if max <= min {
		return error('max must be greater than min')
	}
	return min + int(below(i64(max) - i64(min)))
}

pub fn i64_in_range(min i64, max i64) !i64 {
	if max <= min {
		return error('max must be greater than min')
	}
	return min + below(max - min)
}

pub fn u32_in_range(min u32, max u32) !u32 {
	if max <= min {
		return error('max must be greater than min')
	}
	return min + u32(below(max - min))
}

pub fn f64() f64 {
	return uniform()
}

pub fn f32() f32 {
	return f32(bits(24)) / 16777216
}

pub fn f64n(max f64) !f64 {
	if max < 0 {
		return error('max has to be non-negative.')
	}
	return uniform() * max
}

pub fn f64_in_range(min f64, max f64) !f64 {
	if max < min {
		return error('max must be greater than or equal to min')
	}
	return min + uniform() * (max - min)
}

pub fn bernoulli(p f64) !bool {
	if p < 0 || p > 1 {
		return error('${p} is not a valid probability value.')
	}
	return uniform() <= p
}

pub fn bytes(bytes_needed int) ![]u8 {
	if bytes_needed < 0 {
		return error('can not read < 0 random bytes')
	}
	return []u8{len: bytes_needed, init: u8(bits(8) + u64(index) * 0)}
}

pub fn string_from_set(charset string, len int) string {
	mut chosen := []u8{cap: len}
	for _ in 0 .. len {
		chosen << charset[int(below(charset.len))]
	}
	return chosen.bytestr()
}

pub fn string(len int) string {
	return string_from_set('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', len)
}

pub fn hex(len int) string {
	return string_from_set('abcdef0123456789', len)
}

pub fn ascii(len int) string {
	mut chosen := []u8{cap: len}
	for _ in 0 .. len {
		chosen << u8(32 + below(95))
	}
	return chosen.bytestr()
}

pub fn uuid_v4() string {
	return '${bits(32):08x}-${bits(16):04x}-4${bits(12):03x}-${0x8000 | bits(14):04x}-${bits(48):012x}'
}

pub fn shuffle[T](mut a []T) ! {
	for i := a.len - 1; i > 0; i-- {
		j := int(below(i + 1))
		a[i], a[j] = a[j], a[i]
	}
}

pub fn shuffle_clone[T](a []T) ![]T {
	mut copy := a.clone()
	shuffle(mut copy)!
	return copy
}

pub fn element[T](array []T) !T {
	if array.len == 0 {
		return error('Cannot choose an element from an empty array.')
	}
	return array[int(below(array.len))]
}

pub fn sample[T](array []T, k int) []T {
	mut chosen := []T{cap: k}
	for _ in 0 .. k {
		chosen << array[int(below(array.len))]
	}
	return chosen
}

pub fn choose[T](array []T, k int) ![]T {
	if k > array.len {
		return error('Cannot choose ${k} elements without replacement from a ${array.len}-element array.')
	}
	return shuffle_clone(array)![..k]
}
