fn defers() {
	defer {
		defer {
		}
	}
}

fn returns() {
	defer {
		return
	}
}

fn propagates() !int {
	defer {
		println(propagates()!)
	}
	return 1
}

fn blank() {
	mut _ := 1
}

fn prefix() {
	mut n := 1
	--n
}

fn index() int {
	a := [1]
	return a[0]?
}

fn signs() int {
	return 5 - -5
}

fn pattern() {
	match 5 {
		0..10 { println('few') }
		else { println('many') }
	}
}

fn unsafely() {
	unsafe {
		println(unsafe { 1 })
	}
}

fn adds() {
	mut a, mut b := 1, 2
	a, b += 1, 2
}

fn doubled() {
	if if true {
	}
}

fn says() {
	assert true 'said'
}

fn captures() {
	x := 1
	f := fn [x] (x int) {}
	f(x)
}
