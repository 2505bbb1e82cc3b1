// A push on a closed channel with an `or` block.
fn main() {
	ch := chan int{cap: 100}
	ch <- 7 or { println('no') }
	println(<-ch)
	ch.close()
	ch <- 1 or { println('Channel closed.') }
	for i in 0 .. 3 {
		ch <- i or {
			println('stop at ${i}')
			break
		}
	}
}
