// Threads that share what references lead to, select, and the forms of `shared` and `lock`.
import time

struct Counter {
mut:
	n     int
	other int
}

fn (mut c Counter) add(times int) {
	for _ in 0 .. times {
		c.n++
	}
}

struct Store {
mut:
	items shared []int
	names shared map[string]int
}

fn (s &Store) put(n int) {
	lock s.items {
		s.items << n
	}
}

fn (shared c Counter) inc() {
	lock c {
		c.n++
	}
}

fn bump(shared c Counter, times int) {
	for _ in 0 .. times {
		c.inc()
	}
}

fn fill(shared list []int, n int) {
	for i in 0 .. 100 {
		list << i
		list[0] += n
	}
}

fn half(n int) !int {
	if n % 2 == 1 {
		return error('${n} is odd')
	}
	return n / 2
}

fn produce(ch chan int, from int, count int) {
	for i in 0 .. count {
		ch <- from + i
	}
}

fn write(mut list []int, at int, done chan bool) {
	list[at] = at * at
	done <- true
}

fn made() shared Counter {
	shared c := Counter{
		n: 5
	}
	return c
}

fn next() int {
	unsafe {
		mut static last := 10
		last += 2
		return last
	}
}

fn main() {
	// A thread works on its caller's variable.
	mut c := Counter{}
	t := spawn c.add(1000)
	t.wait()
	println(c.n)
	mut p := &Counter{}
	q := p
	a := spawn p.add(10)
	a.wait()
	p.other = 3
	println('${q.n} ${q.other}')
	// Writers of different parts of one value do not undo each other's work.
	mut list := []int{len: 50}
	done := chan bool{}
	for i in 0 .. 50 {
		spawn write(mut list, i, done)
	}
	for _ in 0 .. 50 {
		_ := <-done
	}
	println(list[49] + list[7])
	// Fields, receivers, results.
	store := &Store{}
	threads := [spawn store.put(1), spawn store.put(2), spawn store.put(3)]
	threads.wait()
	rlock store.items {
		println(store.items.len)
	}
	shared counter := Counter{}
	t1 := spawn bump(shared counter, 200)
	t2 := spawn bump(shared counter, 200)
	t1.wait()
	t2.wait()
	got := rlock counter {
		counter.n
	}
	println(got)
	shared five := made()
	lock five, counter {
		five.n += counter.n
	}
	println(rlock five {
		five.n
	})
	// One value under two names.
	shared same := five
	lock five, same {
		five.n = 1
		same.n++
		println(five.n)
	}
	// Changes without a lock lock for themselves.
	shared numbers := [0]
	t3 := spawn fill(shared numbers, 1)
	fill(shared numbers, 1)
	t3.wait()
	lock {
		println('${numbers.len} ${numbers[0]}')
	}
	// select
	ch := chan int{}
	words := chan string{cap: 1}
	spawn produce(ch, 100, 3)
	mut sum := 0
	for _ in 0 .. 3 {
		select {
			n := <-ch {
				sum += n
			}
			s := <-words {
				println(s)
			}
		}
	}
	println(sum)
	select {
		words <- 'sent' {
			println('pushed')
		}
		else {
			println('full')
		}
	}
	mut word := ''
	select {
		word = <-words {
			println(word)
		}
		n := <-ch {
			println(n)
		}
	}
	select {
		_ := <-ch {
			println('none was sent')
		}
		5 * time.millisecond {
			println('late')
		}
	}
	ch.close()
	words.close()
	if select {
		n := <-ch {
			println(n)
		}
		s := <-words {
			println(s)
		}
	} {
		println('still open')
	} else {
		println('closed')
	}
	x := <-ch or { -1 }
	println(x)
	// Threads that can fail.
	good := [spawn half(4), spawn half(8)].wait() or { []int{} }
	println(good)
	bad := [spawn half(4), spawn half(5)].wait() or {
		println(err)
		[]int{}
	}
	println(bad.len)
	println('${next()} ${next()}')
}
