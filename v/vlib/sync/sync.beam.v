// Module sync: locks, semaphores and groups to wait for. Each is an Erlang process that knows who
// holds it and who waits.
//
// Receivers are values: a lock is the process it names, so nothing is copied back to where the lock
// is kept, which another thread may be changing meanwhile.
module sync

import erlang
import time

@[erlang: 'v_sync:new_lock']
fn new_lock() erlang.Term

@[erlang: 'v_sync:write_lock']
fn write_lock(which erlang.Term)

@[erlang: 'v_sync:read_lock']
fn read_lock(which erlang.Term)

@[erlang: 'v_sync:try_write']
fn try_write(which erlang.Term) bool

@[erlang: 'v_sync:try_read']
fn try_read(which erlang.Term) bool

@[erlang: 'v_sync:unlock']
fn release(which erlang.Term)

@[erlang: 'v_sync:destroy']
fn destroy(process erlang.Term)

// --- mutexes ---------------------------------------------------------------------------------------

pub struct Mutex {
	handle erlang.Term = new_lock()
}

pub fn new_mutex() &Mutex {
	return &Mutex{}
}

pub fn (m Mutex) init() {
}

pub fn (m Mutex) lock() {
	write_lock(m.handle)
}

pub fn (m Mutex) try_lock() bool {
	return try_write(m.handle)
}

pub fn (m Mutex) unlock() {
	release(m.handle)
}

pub fn (m Mutex) destroy() {
	destroy(m.handle)
}

pub fn (m Mutex) str() string {
	return 'Mutex(${m.handle})'
}

pub struct RwMutex {
	handle erlang.Term = new_lock()
}

pub fn new_rwmutex() &RwMutex {
	return &RwMutex{}
}

pub fn (m RwMutex) init() {
}

pub fn (m RwMutex) lock() {
	write_lock(m.handle)
}

pub fn (m RwMutex) rlock() {
	read_lock(m.handle)
}

pub fn (m RwMutex) try_wlock() bool {
	return try_write(m.handle)
}

pub fn (m RwMutex) try_rlock() bool {
	return try_read(m.handle)
}

pub fn (m RwMutex) unlock() {
	release(m.handle)
}

pub fn (m RwMutex) runlock() {
	release(m.handle)
}

pub fn (m RwMutex) destroy() {
	destroy(m.handle)
}

pub fn (m RwMutex) str() string {
	return 'RwMutex(${m.handle})'
}

pub struct SpinLock {
	handle erlang.Term = new_lock()
}

pub fn new_spin_lock() &SpinLock {
	return &SpinLock{}
}

pub fn (s SpinLock) lock() {
	write_lock(s.handle)
}

pub fn (s SpinLock) try_lock() bool {
	return try_write(s.handle)
}

pub fn (s SpinLock) unlock() {
	release(s.handle)
}

pub fn (s SpinLock) destroy() {
	destroy(s.handle)
}

// --- semaphores --------------------------------------------------------------------------------------

@[erlang: 'v_sync:new_semaphore']
fn semaphore(count u32) erlang.Term

@[erlang: 'v_sync:post']
fn post(semaphore erlang.Term)

// Waits at most so many nanoseconds; -1 is for ever.
@[erlang: 'v_sync:acquire']
fn acquire(semaphore erlang.Term, nanoseconds i64) bool

pub struct Semaphore {
	handle erlang.Term = semaphore(0)
}

pub fn new_semaphore() &Semaphore {
	return &Semaphore{}
}

pub fn new_semaphore_init(n u32) &Semaphore {
	return &Semaphore{
		handle: semaphore(n)
	}
}

pub fn (mut s Semaphore) init(n u32) {
	s = Semaphore{
		handle: semaphore(n)
	}
}

pub fn (s Semaphore) post() {
	post(s.handle)
}

pub fn (s Semaphore) wait() {
	acquire(s.handle, -1)
}

pub fn (s Semaphore) try_wait() bool {
	return acquire(s.handle, 0)
}

pub fn (s Semaphore) timed_wait(timeout time.Duration) bool {
	return acquire(s.handle, i64(timeout))
}

pub fn (s Semaphore) destroy() {
	destroy(s.handle)
}

// --- groups to wait for ----------------------------------------------------------------------------

@[erlang: 'v_sync:new_group']
fn new_group() erlang.Term

@[erlang: 'v_sync:group_add']
fn group_add(group erlang.Term, delta int)

@[erlang: 'v_sync:group_wait']
fn group_wait(group erlang.Term)

pub struct WaitGroup {
	handle erlang.Term = new_group()
}

pub fn new_waitgroup() &WaitGroup {
	return &WaitGroup{}
}

pub fn (wg WaitGroup) init() {
}

pub fn (wg WaitGroup) add(delta int) {
	group_add(wg.handle, delta)
}

pub fn (wg WaitGroup) done() {
	group_add(wg.handle, -1)
}

pub fn (wg WaitGroup) wait() {
	group_wait(wg.handle)
}

fn run_in_group(wg WaitGroup, f fn ()) {
	f()
	wg.done()
}

pub fn (wg WaitGroup) go(f fn ()) {
	wg.add(1)
	spawn run_in_group(wg, f)
}

// --- conditions and things done once ------------------------------------------------------------------

@[erlang: 'v_sync:new_condition']
fn new_condition() erlang.Term

@[erlang: 'v_sync:condition_wait']
fn condition_wait(condition erlang.Term, mutex erlang.Term)

@[erlang: 'v_sync:condition_signal']
fn condition_signal(condition erlang.Term, everybody bool)

pub struct Cond {
	handle erlang.Term = new_condition()
	mutex  erlang.Term
}

pub fn new_cond(m &Mutex) &Cond {
	return &Cond{
		mutex: m.handle
	}
}

pub fn (c Cond) wait() {
	condition_wait(c.handle, c.mutex)
}

pub fn (c Cond) signal() {
	condition_signal(c.handle, false)
}

pub fn (c Cond) broadcast() {
	condition_signal(c.handle, true)
}

@[erlang: 'v_sync:new_counter']
fn new_counter() erlang.Term

// Whether fewer than `times` callers came here before.
@[erlang: 'v_sync:first']
fn first(counter erlang.Term, times u64) bool

pub struct Once {
	mutex   erlang.Term = new_lock()
	counter erlang.Term = new_counter()
}

pub fn new_once() &Once {
	return &Once{}
}

// do returns only after the first caller's `f` has ended.
pub fn (o Once) do(f fn ()) {
	write_lock(o.mutex)
	if first(o.counter, 1) {
		f()
	}
	release(o.mutex)
}

pub fn (o Once) do_with_param(f fn (voidptr), param voidptr) {
	write_lock(o.mutex)
	if first(o.counter, 1) {
		f(param)
	}
	release(o.mutex)
}

pub struct ManyTimes {
	mutex   erlang.Term = new_lock()
	counter erlang.Term = new_counter()
pub:
	times u64 = 1
}

pub fn new_many_times(times u64) &ManyTimes {
	return &ManyTimes{
		times: times
	}
}

pub fn (m ManyTimes) do(f fn ()) {
	write_lock(m.mutex)
	if first(m.counter, m.times) {
		f()
	}
	release(m.mutex)
}
