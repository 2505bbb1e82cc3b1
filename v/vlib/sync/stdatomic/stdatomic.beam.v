// Module stdatomic: numbers that threads change together.
module stdatomic

@[erlang: 'v_sync:load']
pub fn load_u64(number &u64) u64

@[erlang: 'v_sync:load']
pub fn load_i64(number &i64) i64

@[erlang: 'v_sync:store']
pub fn store_u64(number &u64, value u64)

@[erlang: 'v_sync:store']
pub fn store_i64(number &i64, value i64)

@[erlang: 'v_sync:fetch_add_u64']
pub fn fetch_add_u64(number &u64, delta u64) u64

@[erlang: 'v_sync:fetch_sub_u64']
pub fn fetch_sub_u64(number &u64, delta u64) u64

@[erlang: 'v_sync:fetch_add_i64']
fn fetch_add_i64(number &i64, delta i64) i64

pub fn add_u64(number &u64, delta int) u64 {
	return fetch_add_u64(number, u64(delta)) + u64(delta)
}

pub fn sub_u64(number &u64, delta int) u64 {
	return fetch_sub_u64(number, u64(delta)) - u64(delta)
}

pub fn add_i64(number &i64, delta int) i64 {
	return fetch_add_i64(number, delta) + delta
}

pub fn sub_i64(number &i64, delta int) i64 {
	return fetch_add_i64(number, -delta) - delta
}

// A value that changes as a whole.
@[heap]
pub struct AtomicVal[T] {
mut:
	guard chan bool = chan bool{cap: 1}
	value T
}

pub fn new_atomic[T](value T) &AtomicVal[T] {
	return &AtomicVal[T]{
		value: value
	}
}

pub fn (mut a AtomicVal[T]) load() T {
	a.guard <- true
	value := a.value
	_ := <-a.guard
	return value
}

pub fn (mut a AtomicVal[T]) store(value T) {
	a.guard <- true
	a.value = value
	_ := <-a.guard
}

// add gives the value before.
pub fn (mut a AtomicVal[T]) add(delta T) T {
	a.guard <- true
	before := a.value
	a.value += delta
	_ := <-a.guard
	return before
}

// sub gives the value before.
pub fn (mut a AtomicVal[T]) sub(delta T) T {
	a.guard <- true
	before := a.value
	a.value -= delta
	_ := <-a.guard
	return before
}

pub fn (mut a AtomicVal[T]) swap(value T) T {
	a.guard <- true
	before := a.value
	a.value = value
	_ := <-a.guard
	return before
}

pub fn (mut a AtomicVal[T]) compare_and_swap(expected T, value T) bool {
	a.guard <- true
	same := a.value == expected
	if same {
		a.value = value
	}
	_ := <-a.guard
	return same
}
