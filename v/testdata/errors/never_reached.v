@[noreturn]
fn stops() {
	println('stop')
	exit(1)
}

@[noreturn]
fn spins() {
	for {}
}

@[noreturn]
fn ends() {
	println('end')
}

@[noreturn]
fn returns(n int) int {
	return n
}

fn loops() int {
	for i in 0 .. 3 {
		if i == 1 {
			continue
			println(i)
		}
		break
		println('after')
	}
	return 1
	println('never')
}

fn main() {
	loops()
	stops()
	println('unreached')
}
