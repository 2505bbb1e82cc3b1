// Module sync under load: locks, counters, groups, conditions, channels by hand, atomic numbers.
import sync
import sync.stdatomic
import time

struct Account {
mut:
	mutex   sync.Mutex
	balance int
	moves   int
}

fn (mut a Account) deposit(times int) {
	for _ in 0 .. times {
		a.mutex.lock()
		a.balance += 2
		a.moves++
		a.mutex.unlock()
	}
}

struct Board {
mut:
	lock  sync.RwMutex
	left  int
	right int
	odd   int
}

fn (mut b Board) write(times int) {
	for _ in 0 .. times {
		b.lock.lock()
		b.left++
		b.right++
		b.lock.unlock()
	}
}

fn (mut b Board) watch(times int, mut wg sync.WaitGroup) {
	for _ in 0 .. times {
		b.lock.rlock()
		if b.left != b.right {
			b.odd++
		}
		b.lock.runlock()
	}
	wg.done()
}

fn count(n &u64, times int, mut wg sync.WaitGroup) {
	for _ in 0 .. times {
		stdatomic.add_u64(n, 1)
	}
	wg.done()
}

fn poster(mut s sync.Semaphore, times int) {
	for _ in 0 .. times {
		s.post()
	}
}

struct Gate {
mut:
	mutex sync.Mutex
	cond  &sync.Cond = unsafe { nil }
	open  bool
	seen  int
}

fn (mut g Gate) pass(mut wg sync.WaitGroup) {
	g.mutex.lock()
	for !g.open {
		g.cond.wait()
	}
	g.seen++
	g.mutex.unlock()
	wg.done()
}

fn main() {
	mut account := &Account{}
	mut threads := []thread{}
	for _ in 0 .. 20 {
		threads << spawn account.deposit(100)
	}
	threads.wait()
	println('${account.balance} ${account.moves}')

	mut board := &Board{}
	mut wg := sync.new_waitgroup()
	wg.add(8)
	for _ in 0 .. 8 {
		spawn board.watch(50, mut wg)
	}
	writer := spawn board.write(100)
	wg.wait()
	writer.wait()
	println('${board.left} ${board.right} ${board.odd}')

	mut total := u64(0)
	wg.add(10)
	for _ in 0 .. 10 {
		spawn count(&total, 100, mut wg)
	}
	wg.wait()
	println(total)

	mut sem := sync.new_semaphore()
	for _ in 0 .. 5 {
		spawn poster(mut sem, 40)
	}
	for _ in 0 .. 200 {
		sem.wait()
	}
	println(sem.try_wait())
	println(sem.timed_wait(2 * time.millisecond))
	sem.post()
	println(sem.timed_wait(1 * time.second))

	mut gate := &Gate{}
	gate.cond = sync.new_cond(&gate.mutex)
	wg.add(6)
	for _ in 0 .. 6 {
		spawn gate.pass(mut wg)
	}
	time.sleep(2 * time.millisecond)
	gate.mutex.lock()
	gate.open = true
	gate.mutex.unlock()
	gate.cond.broadcast()
	wg.wait()
	println(gate.seen)

	mut once := sync.new_once()
	for _ in 0 .. 3 {
		once.do(fn () {
			println('once')
		})
	}
	mut some := sync.new_many_times(2)
	for _ in 0 .. 3 {
		some.do(fn () {
			println('twice')
		})
	}

	mut ch := sync.new_channel[int](2)
	a := 7
	ch.push(&a)
	mut b := 0
	println(ch.pop(&b))
	println(b)
	println(ch.try_pop(&b))
	ch.close()
	println(ch.pop(&b))

	mut value := stdatomic.new_atomic[int](40)
	value.add(2)
	println(value.load())
	println(value.compare_and_swap(42, 1))
	println(value.load())

	mut mutex := sync.new_mutex()
	println(mutex.try_lock())
	println(mutex.try_lock())
	mutex.unlock()
	println(mutex.try_lock())
}
