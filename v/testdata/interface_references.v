// What an interface value holds behind a reference is the struct, for `is`, `as` and `match`.

interface Animal {
mut:
	n string
	name() string
}

struct Dog {
mut:
	n string
}

fn (d &Dog) name() string {
	return d.n
}

struct MyErr {
	Error
	code_ int
}

fn (e &MyErr) msg() string {
	return 'my ${e.code_}'
}

fn fails() ! {
	return &MyErr{
		code_: 4
	}
}

fn show(a Animal) {
	println(a)
	println(typeof(a).name)
	println(a.type_name())
}


type Item = Dog | int

fn main() {
	mut d := &Dog{'rex'}
	mut a := Animal(d)
	if mut a is Dog {
		a.n = 'max'
	}
	println(d.n)
	println(a.name())
	fails() or {
		if err is MyErr {
			println('code ${err.code_}')
		}
	}
	show(a)
	mut b := Animal(Dog{'val'})
	if mut b is Dog {
		b.n = 'changed'
	}
	println(b.name())
	it := Item(Dog{'p'})
	match it {
		Dog { println(it.n) }
		int {}
	}
	m := {
		f32(0.5): 'a'
		0.25:     'b'
	}
	println(m)
}
