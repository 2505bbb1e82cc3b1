// Module math. Names carry the module's prefix; what Erlang has is called directly.
module math

pub const pi = 3.14159265358979323846264338327950288419716939937510582097494459
pub const e = 2.71828182845904523536028747135266249775724709369995957496696763
pub const tau = 6.28318530717958647692528676655900576839433879875021164194988918
pub const phi = 1.61803398874989484820458683436563811772030917980576286213544862
pub const sqrt2 = 1.41421356237309504880168872420969807856967187537694807317667974
pub const ln2 = 0.693147180559945309417232121458176568075500134360255254120680009
pub const ln10 = 2.30258509299404568401799145468436420760110148862877297603332790
pub const max_i8 = i8(127)
pub const min_i8 = i8(-128)
pub const max_i16 = i16(32767)
pub const min_i16 = i16(-32768)
pub const max_i32 = 2147483647
pub const min_i32 = -2147483648
pub const max_i64 = i64(9223372036854775807)
pub const min_i64 = i64(-9223372036854775807) - 1
pub const max_u8 = u8(255)
pub const max_u16 = u16(65535)
pub const max_u32 = u32(4294967295)
pub const max_u64 = u64(18446744073709551615)

@[erlang: 'v_math:sqrt']
pub fn sqrt(x f64) f64

@[erlang: 'v_math:cbrt']
pub fn cbrt(x f64) f64

@[erlang: 'v_float:power']
pub fn pow(x f64, y f64) f64

@[erlang: 'v_math:exp']
pub fn exp(x f64) f64

@[erlang: 'v_math:log']
pub fn log(x f64) f64

@[erlang: 'v_math:log2']
pub fn log2(x f64) f64

@[erlang: 'v_math:log10']
pub fn log10(x f64) f64

@[erlang: 'v_math:sin']
pub fn sin(x f64) f64

@[erlang: 'v_math:cos']
pub fn cos(x f64) f64

@[erlang: 'v_math:tan']
pub fn tan(x f64) f64

@[erlang: 'v_math:asin']
pub fn asin(x f64) f64

@[erlang: 'v_math:acos']
pub fn acos(x f64) f64

@[erlang: 'v_math:atan']
pub fn atan(x f64) f64

@[erlang: 'v_math:atan2']
pub fn atan2(y f64, x f64) f64

@[erlang: 'v_math:sinh']
pub fn sinh(x f64) f64

@[erlang: 'v_math:cosh']
pub fn cosh(x f64) f64

@[erlang: 'v_math:tanh']
pub fn tanh(x f64) f64

@[erlang: 'v_math:floor']
pub fn floor(x f64) f64

@[erlang: 'v_math:ceil']
pub fn ceil(x f64) f64

@[erlang: 'v_math:round']
pub fn round(x f64) f64

@[erlang: 'v_math:trunc']
pub fn trunc(x f64) f64

@[erlang: 'v_math:fmod']
pub fn fmod(x f64, y f64) f64

@[erlang: 'v_math:is_nan']
pub fn is_nan(x f64) bool

@[erlang: 'v_math:is_inf']
pub fn is_inf(x f64, sign int) bool

pub fn nan() f64 {
	zero := 0.0
	return zero / zero
}

pub fn inf(sign int) f64 {
	zero := 0.0
	return if sign >= 0 { 1.0 / zero } else { -1.0 / zero }
}

pub fn hypot(x f64, y f64) f64 {
	return sqrt(x * x + y * y)
}

pub fn degrees(radians f64) f64 {
	return radians * (180.0 / pi)
}

pub fn radians(degrees f64) f64 {
	return degrees * (pi / 180.0)
}

pub fn exp2(x f64) f64 {
	return pow(2.0, x)
}

pub fn abs[T](a T) T {
	return if a < 0 { -a } else { a }
}

pub fn min[T](a T, b T) T {
	return if a < b { a } else { b }
}

pub fn max[T](a T, b T) T {
	return if a > b { a } else { b }
}

pub fn clamp[T](x T, a T, b T) T {
	if x < a {
		return a
	}
	return if x > b { b } else { x }
}

pub fn sign(x f64) f64 {
	return if x < 0.0 { -1.0 } else { 1.0 }
}

pub fn signi(x f64) int {
	return if x < 0.0 { -1 } else { 1 }
}

pub fn gcd(a_ i64, b_ i64) i64 {
	mut a := abs(a_)
	mut b := abs(b_)
	for b != 0 {
		a, b = b, a % b
	}
	return a
}

pub fn lcm(a i64, b i64) i64 {
	if a == 0 {
		return a
	}
	return abs(b * (a / gcd(a, b)))
}

pub fn powi(a i64, b i64) i64 {
	mut result := i64(1)
	mut base := a
	mut n := b
	if n < 0 {
		return if a == 1 { i64(1) } else { i64(0) }
	}
	for n > 0 {
		if n & 1 == 1 {
			result *= base
		}
		base *= base
		n >>= 1
	}
	return result
}

pub fn factorial(n f64) f64 {
	mut result := 1.0
	for i := 2.0; i <= n; i += 1.0 {
		result *= i
	}
	return result
}
