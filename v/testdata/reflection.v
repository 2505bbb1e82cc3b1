// Loops over declarations, and what types tell about themselves.

@[table: 'books'; version: 3]
struct Book {
pub mut:
	title string @[column: "name"; required]
	pages int
	price ?f64
	tags  []string @[skip]
}

@[shelf]
fn (b Book) label(prefix string, times int) string {
	return '${prefix} ${b.title}'.repeat(times)
}

fn (mut b Book) rename(title string) {
	b.title = title
}

@[deprecated(msg: 'use Book', after: '2999-01-01')]
struct Old {}

enum Genre {
	crime @[shown: 'Crime!']
	poem
}

type Medium = Book | Genre | string

fn combine(left int, right string) string {
	return '${left}${right}'
}

struct Shape {
	small u8
	large u64
	mid   u16
}

fn kinds[T](value T) string {
	return $match T {
		$int { 'integer' }
		string, Genre { 'text or genre' }
		$map { 'map to ' + typeof(T.value_type).name }
		$option { 'maybe ' + typeof(T.payload_type).name }
		$else { 'other' }
	}
}

fn listed[T]() []string {
	mut names := []string{}
	$for f in T.fields {
		$if f.typ is $option {
			names << '?' + f.name
		} $else $if f.typ is $array || f.typ is $map {
			names << f.name + '[]'
		} $else {
			names << f.name
		}
	}
	return names
}

fn fill[T](mut value T) {
	$for f in T.fields {
		$if f.typ is string {
			value.$(f.name) = 'filled'
		} $else $if f.typ is $option {
			value.$(f.name) = $zero(f.typ.payload_type)
		}
	}
}

const limit = $d('shelf_limit', 12)

$if @MOD == 'main' && !linux {
	const size = 'large'
} $else {
	const size = 'small'
}

$match @MOD {
	'main' {
		fn module_kind() string {
			return 'program'
		}
	}
	$else {
		fn module_kind() string {
			return 'library'
		}
	}
}

fn main() {
	mut book := Book{
		title: 'V'
		pages: 3
	}
	for name in listed[Book]() {
		println(name)
	}
	$for f in Book.fields {
		println('${f.name} ${f.attrs} ${f.is_mut} ${f.is_option} ${f.typ == typeof[string]().idx}')
	}
	$for m in Book.methods {
		args := m.args.map(it.name).join(', ')
		println('${m.name}(${args}) ${m.attrs}')
		$if m.return_type is string {
			println(book.$m('a', 2))
			println(book.$m(...['b', '1']))
		} $else {
			book.$m('renamed')
		}
	}
	println(book.title)
	$for a in Book.attributes {
		println('${a.name} ${a.has_arg} ${a.arg} ${a.kind}')
	}
	$for a in Old.attributes {
		println('${a.name}=${a.arg}')
	}
	$for g in Genre.values {
		println('${g.name} ${int(g.value)} ${g.attrs}')
	}
	$for v in Medium.variants {
		println(typeof(v.typ).name)
	}
	$for p in combine.params {
		println('${p.name}: ${typeof(p).name}')
	}
	fill(mut book)
	println('${book.title} ${book.price}')
	println([kinds(1), kinds('s'), kinds(Genre.poem), kinds({
		'a': 1.5
	}), kinds(?int(none)), kinds(true)])
	println('${sizeof(Shape)} ${__offsetof(Shape, large)} ${__offsetof(Shape, mid)} ${sizeof[[4]u16]()}')
	println('${isreftype[string]()} ${isreftype(Shape)}')
	println('${typeof(&book).indirections} ${typeof[map[string]int]().key_type == typeof[string]().idx}')
	println('${limit} ${size} ${module_kind()}')
	println($embed_file('reflection.v').to_string().split_into_lines()[0])
}
