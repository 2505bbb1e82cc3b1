// Compile-time loops over fields, variants and values, and compile-time conditions.
struct User {
	name string
	age  int
	tags []string @[skip]
mut:
	score f64
}

type Value = int | string

enum Level {
	low  = 1
	high = 5
}

fn describe[T](x T) string {
	$if T is $int {
		return 'an integer'
	} $else $if T is string {
		return 'a string'
	} $else $if T in [f64, f32] {
		return 'a float'
	} $else {
		return 'something else'
	}
}

fn show[T](x T) []string {
	mut out := []string{}
	$for field in T.fields {
		$if field.typ is string {
			out << '${field.name}="${x.$(field.name)}"'
		} $else $if field.is_array {
			out << '${field.name} has ${x.$(field.name).len}'
		} $else {
			out << '${field.name}=${x.$(field.name)}'
		}
	}
	return out
}

fn reset[T](mut x T) {
	$for field in T.fields {
		$if field.name == 'score' {
			x.$(field.name) = 1.5
		}
	}
}

fn main() {
	mut u := User{
		name: 'Ann'
		age:  30
		tags: ['a', 'b']
	}
	println(show(u))
	reset(mut u)
	println(u.score)
	$for field in User.fields {
		println('${field.name} ${field.is_mut} ${field.attrs}')
	}
	$for v in Value.variants {
		println(typeof(v.typ).name)
	}
	$for l in Level.values {
		println('${l.name} ${int(l.value)}')
	}
	println(describe(i64(1)) + ', ' + describe('s') + ', ' + describe(1.5) + ', ' + describe(true))
	$if linux {
		println('linux')
	} $else {
		println('not linux')
	}
	println(@FN + ' ' + @MOD)
}
