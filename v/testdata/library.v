// The library modules math, time, strings and rand, and calling Erlang.
import math
import rand
import strings
import time
import math as m { sqrt }

@[erlang: 'erlang:phash2']
fn phash(x string) int

@[erlang: 'string:uppercase']
fn erlang_upper(s string) string

fn main() {
	println(math.sqrt(2))
	println(math.pow(2, 10))
	println('${math.pi:.5f}')
	println(math.abs(-5) + math.max(3, 9) - math.min(2, 4))
	println(math.abs(-2.5))
	println(math.floor(-1.5))
	println(math.round(2.5))
	println(math.gcd(12, 18))
	println(sqrt(16) + m.cbrt(27))
	println(math.is_nan(math.sqrt(-1)))
	println(math.log(0))
	println(math.clamp(15, 0, 10))
	println(math.max_i32)
	mut sb := strings.new_builder(10)
	for i in 0 .. 3 {
		sb.write_string('n${i} ')
	}
	sb.writeln('end')
	print(sb.str())
	n := rand.intn(10)!
	println(n >= 0 && n < 10)
	println(rand.int_in_range(5, 5) or { -1 })
	sw := time.new_stopwatch()
	time.sleep(5 * time.millisecond)
	println(sw.elapsed().milliseconds() >= 4)
	println(phash('abc') >= 0)
	println(erlang_upper('shout'))
}
