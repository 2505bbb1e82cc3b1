// A constant that is a plain number has no type of its own until it is used.

const bits = 60
const half = 0.5
const all = bits + 4
const typed = int(3)

fn left(amount u32) u32 {
	return all - amount
}

fn small(n u8) u8 {
	return n + bits
}

fn single(x f32) f32 {
	return x * half
}

fn twice(n u32) u32 {
	if n <= 1 {
		return dump(1)
	}
	return dump(n * 2)
}

fn main() {
	n := bits
	println(typeof(n).name)
	println(typeof(typed).name)
	println(left(60))
	println(small(3))
	println(typeof(single(3)).name)
	println(u64(1) << bits)
	mut wide := i64(1)
	wide += all
	println(wide)
	println(twice(1) + twice(4))
}
