@[deprecated: 'use now']
@[deprecated_after: '2001-02-03']
fn then() {}

@[deprecated]
@[deprecated_after: 'soon']
fn soon() {}

@[if windows ?]
fn only_windows() {}

fn main() {
	then()
	soon()
	text := $tmpl('no_such_file.txt')
	println(text)
	$if !windows {
		$compile_error('needs windows')
	}
	$if unknown_flag {
		println('?')
	}
	$for x in int {
		println('?')
	}
	println($tmpl(text + '.txt'))
}
