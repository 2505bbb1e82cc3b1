// Something for the log, then a panic.
@[erlang: 'logger:notice']
fn notice(text string)

fn at(a []int, i int) int {
	return a[i] + 0
}

fn main() {
	notice('first words')
	println(at([1, 2, 3], 7))
}
