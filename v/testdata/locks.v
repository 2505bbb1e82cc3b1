// Locks, semaphores and groups to wait for, between threads.
import sync
import time

fn worker(id int, wg sync.WaitGroup, m sync.Mutex, results chan int) {
	m.lock()
	results <- id
	time.sleep(time.millisecond)
	results <- id
	m.unlock()
	wg.done()
}

fn late_post(s sync.Semaphore) {
	time.sleep(3 * time.millisecond)
	s.post()
}

fn main() {
	wg := sync.WaitGroup{}
	m := sync.Mutex{}
	results := chan int{cap: 20}
	for i in 0 .. 5 {
		wg.add(1)
		spawn worker(i, wg, m, results)
	}
	wg.wait()
	// Nobody came between the two numbers of a holder of the lock.
	for _ in 0 .. 5 {
		a := <-results
		b := <-results
		print('${a == b} ')
	}
	println('')
	s := sync.Semaphore{}
	println(s.try_wait())
	println(s.timed_wait(time.millisecond))
	spawn late_post(s)
	println(s.timed_wait(time.second))
	rw := sync.RwMutex{}
	rw.rlock()
	println('${rw.try_rlock()} ${rw.try_wlock()}')
	rw.runlock()
	rw.runlock()
	println('${rw.try_wlock()} ${rw.try_rlock()}')
	rw.unlock()
	once := sync.Once{}
	for _ in 0 .. 3 {
		once.do(fn () {
			println('once')
		})
	}
}
