// Module math. Names carry the module's prefix; what Erlang has is called directly.

const math.pi = 3.14159265358979323846264338327950288419716939937510582097494459
const math.e = 2.71828182845904523536028747135266249775724709369995957496696763
const math.tau = 6.28318530717958647692528676655900576839433879875021164194988918
const math.phi = 1.61803398874989484820458683436563811772030917980576286213544862
const math.sqrt2 = 1.41421356237309504880168872420969807856967187537694807317667974
const math.ln2 = 0.693147180559945309417232121458176568075500134360255254120680009
const math.ln10 = 2.30258509299404568401799145468436420760110148862877297603332790
const math.max_i8 = i8(127)
const math.min_i8 = i8(-128)
const math.max_i16 = i16(32767)
const math.min_i16 = i16(-32768)
const math.max_i32 = 2147483647
const math.min_i32 = -2147483648
const math.max_i64 = i64(9223372036854775807)
const math.min_i64 = i64(-9223372036854775807) - 1
const math.max_u8 = u8(255)
const math.max_u16 = u16(65535)
const math.max_u32 = u32(4294967295)
const math.max_u64 = u64(18446744073709551615)

@[erlang: 'v_math:sqrt']
fn math.sqrt(x f64) f64

@[erlang: 'v_math:cbrt']
fn math.cbrt(x f64) f64

@[erlang: 'v_float:power']
fn math.pow(x f64, y f64) f64

@[erlang: 'v_math:exp']
fn math.exp(x f64) f64

@[erlang: 'v_math:log']
fn math.log(x f64) f64

@[erlang: 'v_math:log2']
fn math.log2(x f64) f64

@[erlang: 'v_math:log10']
fn math.log10(x f64) f64

@[erlang: 'math:sin']
fn math.sin(x f64) f64

@[erlang: 'math:cos']
fn math.cos(x f64) f64

@[erlang: 'math:tan']
fn math.tan(x f64) f64

@[erlang: 'v_math:asin']
fn math.asin(x f64) f64

@[erlang: 'v_math:acos']
fn math.acos(x f64) f64

@[erlang: 'math:atan']
fn math.atan(x f64) f64

@[erlang: 'math:atan2']
fn math.atan2(y f64, x f64) f64

@[erlang: 'math:sinh']
fn math.sinh(x f64) f64

@[erlang: 'math:cosh']
fn math.cosh(x f64) f64

@[erlang: 'math:tanh']
fn math.tanh(x f64) f64

@[erlang: 'math:floor']
fn math.floor(x f64) f64

@[erlang: 'math:ceil']
fn math.ceil(x f64) f64

@[erlang: 'v_math:round']
fn math.round(x f64) f64

@[erlang: 'v_math:trunc']
fn math.trunc(x f64) f64

@[erlang: 'v_math:fmod']
fn math.fmod(x f64, y f64) f64

@[erlang: 'v_math:is_nan']
fn math.is_nan(x f64) bool

@[erlang: 'v_math:is_inf']
fn math.is_inf(x f64, sign int) bool

fn math.nan() f64 {
	zero := 0.0
	return zero / zero
}

fn math.inf(sign int) f64 {
	zero := 0.0
	return if sign >= 0 { 1.0 / zero } else { -1.0 / zero }
}

fn math.hypot(x f64, y f64) f64 {
	return math.sqrt(x * x + y * y)
}

fn math.degrees(radians f64) f64 {
	return radians * (180.0 / math.pi)
}

fn math.radians(degrees f64) f64 {
	return degrees * (math.pi / 180.0)
}

fn math.exp2(x f64) f64 {
	return math.pow(2.0, x)
}

fn math.abs[T](a T) T {
	return if a < 0 { -a } else { a }
}

fn math.min[T](a T, b T) T {
	return if a < b { a } else { b }
}

fn math.max[T](a T, b T) T {
	return if a > b { a } else { b }
}

fn math.clamp[T](x T, a T, b T) T {
	if x < a {
		return a
	}
	return if x > b { b } else { x }
}

fn math.sign(x f64) f64 {
	return if x < 0.0 { -1.0 } else { 1.0 }
}

fn math.signi(x f64) int {
	return if x < 0.0 { -1 } else { 1 }
}

fn math.gcd(a_ i64, b_ i64) i64 {
	mut a := math.abs(a_)
	mut b := math.abs(b_)
	for b != 0 {
		a, b = b, a % b
	}
	return a
}

fn math.lcm(a i64, b i64) i64 {
	if a == 0 {
		return a
	}
	return math.abs(b * (a / math.gcd(a, b)))
}

fn math.powi(a i64, b i64) i64 {
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

fn math.factorial(n f64) f64 {
	mut result := 1.0
	for i := 2.0; i <= n; i += 1.0 {
		result *= i
	}
	return result
}
