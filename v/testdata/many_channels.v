// Many threads one after the other, and many channels at once, leave no processes behind. A channel
// that is closed and empty answers as before; its capacity stays.
import erlang

@[erlang: 'erlang:system_info']
fn system_info(what erlang.Atom) int

fn processes() int {
	return system_info(erlang.atom('process_count'))
}

fn twice(n int) int {
	return n * 2
}

fn relay(from chan int, to chan int) {
	for {
		n := <-from or { break }
		to <- n + 1
	}
	to.close()
}

fn main() {
	before := processes()
	mut sum := i64(0)
	for i in 0 .. 5_000 {
		thread_ := spawn twice(i)
		sum += thread_.wait()
	}
	println(sum)
	mut open := []chan int{}
	for i in 0 .. 5_000 {
		ch := chan int{cap: 1}
		ch <- i
		open << ch
	}
	mut total := i64(0)
	for ch in open {
		total += <-ch
		ch.close()
	}
	println(total)
	println(processes() - before < 100)
	last := open[open.len - 1]
	println('${last.closed} ${last.len} ${last.cap} ${<-last}')
	last.close()
	none_left := <-last or { -1 }
	println(none_left)
	println(last.try_push(1))
	first := chan int{}
	mut from := first
	for _ in 0 .. 200 {
		to := chan int{}
		spawn relay(from, to)
		from = to
	}
	first <- 1
	first <- 2
	println(<-from)
	println(<-from)
	first.close()
	println(<-from or { 0 })
}
