struct MyErr {
	Error
	path string
}

fn (e MyErr) msg() string {
	return 'no ${e.path}'
}

fn f(n int) !int {
	if n == 1 {
		return MyErr{path: 'x'}
	}
	if n == 2 {
		return error('plain')
	}
	return n
}

fn before_each() {
	println('before')
}

fn after_each() {
	println('after')
}

fn testsuite_begin() {
	println('begin')
}

fn testsuite_end() {
	println('end')
}

fn test_ok() {
	assert f(3)! == 3
}

fn test_err() ! {
	assert f(1)! == 3
}

fn test_err2() ! {
	assert f(2)! == 3
}

fn test_fails() {
	a := [1, 2]
	assert a == [1, 3], 'arrays differ'
}

fn test_fails2() {
	s := 'x'.repeat(40)
	assert s.contains('y')
	assert s == 'b'
}
