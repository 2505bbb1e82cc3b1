// Threads, channels and shared variables.
struct Counter {
mut:
	n int
}

fn work(id int, n int) int {
	mut sum := 0
	for i in 0 .. n {
		sum += i * id
	}
	return sum
}

fn producer(ch chan int, n int) {
	for i in 0 .. n {
		ch <- i
	}
	ch.close()
}

fn add(shared c Counter, times int) {
	for _ in 0 .. times {
		lock c {
			c.n++
		}
	}
}

fn risky(ok bool) !string {
	if !ok {
		return error('failed in a thread')
	}
	return 'fine'
}

fn main() {
	t := spawn work(2, 10)
	println(t.wait())
	mut threads := []thread int{}
	for i in 1 .. 5 {
		threads << spawn work(i, 100)
	}
	println(threads.wait())
	ch := chan int{}
	spawn producer(ch, 5)
	mut got := []int{}
	for {
		v := <-ch or { break }
		got << v
	}
	println(got)
	buffered := chan string{cap: 2}
	buffered <- 'a'
	buffered <- 'b'
	println('${buffered.len} ${buffered.cap}')
	println(buffered.try_push('c'))
	println(<-buffered + <-buffered)
	mut s := ''
	println(buffered.try_pop(mut s))
	shared c := Counter{}
	mut adders := []thread{}
	for _ in 0 .. 4 {
		adders << spawn add(shared c, 250)
	}
	adders.wait()
	total := rlock c {
		c.n
	}
	println(total)
	q := spawn risky(true)
	println(q.wait() or { err.msg() })
	r := spawn risky(false)
	println(r.wait() or { err.msg() })
	base := 10
	h := spawn fn [base] (x int) int {
		return base + x
	}(5)
	println(h.wait())
}
