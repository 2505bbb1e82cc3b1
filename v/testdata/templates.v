// `$tmpl`: values, control lines, includes, and the shorthands of HTML; attributes that leave calls
// out of the program, and `$d`.
struct Item {
	title string
}

const page_path = 'templates/' + 'page.html'

fn letter(name string, urgent bool, items []Item) string {
	price := 2.5
	return $tmpl('templates/letter.txt')
}

fn page[T](name T) string {
	return $tmpl(page_path)
}

@[if tracing ?]
fn trace(text string) {
	println('trace: ${text}')
}

@[if linux]
fn only_linux() {
	println('linux')
}

@[if !tracing ?]
fn untraced(text string) {
	println('untraced: ${text}')
}

struct Logger {
	name string
}

@[if tracing ?]
fn (l Logger) log(text string) {
	println('${l.name}: ${text}')
}

fn costly() string {
	println('costly')
	return 'text'
}

fn main() {
	print(letter('Ada', true, [Item{'tea'}, Item{'salt'}]))
	print(letter('Bo', false, []))
	print(page('Cy'))
	print(page(7))
	trace(costly())
	only_linux()
	t := spawn only_linux()
	t.wait()
	untraced('seen')
	Logger{'main'}.log(costly())
	println($d('lucky', 7))
	println($d('title', 'none'))
	println($d('half', 0.5) * 2)
}
