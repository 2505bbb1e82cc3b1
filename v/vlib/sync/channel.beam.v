// sync.Channel: a channel of what its users give pointers to.
module sync

@[erlang: 'v_sync:load']
fn load(source voidptr) voidptr

@[erlang: 'v_sync:store']
fn store(target voidptr, value voidptr)

@[erlang: 'v_sync:select']
fn select_any(channels []voidptr, sends []bool, objects []voidptr, timeout i64) int

const infinite_timeout = i64(9223372036854775807)

pub enum Direction {
	pop
	push
}

pub struct Channel {
mut:
	values chan voidptr
}

pub fn new_channel[T](n u32) &Channel {
	return &Channel{
		values: chan voidptr{cap: int(n)}
	}
}

pub fn (mut ch Channel) close(errors ...IError) {
	ch.values.close()
}

pub fn (mut ch Channel) len() int {
	return ch.values.len
}

pub fn (mut ch Channel) closed() bool {
	return ch.values.closed
}

pub fn (mut ch Channel) push(source voidptr) {
	ch.values <- load(source)
}

pub fn (mut ch Channel) try_push(source voidptr) ChanState {
	return ch.values.try_push(load(source))
}

pub fn (mut ch Channel) pop(target voidptr) bool {
	value := <-ch.values or { return false }
	store(target, value)
	return true
}

pub fn (mut ch Channel) try_pop(target voidptr) ChanState {
	mut value := unsafe { nil }
	state := ch.values.try_pop(mut value)
	if state == .success {
		store(target, value)
	}
	return state
}

// channel_select does the first of the operations that can be done and gives its index; -1 after
// the timeout (in nanoseconds, negative for none), -2 when all channels are closed.
pub fn channel_select(mut channels []&Channel, directions []Direction, mut objects []voidptr, timeout i64) int {
	mut processes := []voidptr{}
	mut sends := []bool{}
	for i, ch in channels {
		processes << voidptr(ch.values)
		sends << directions[i] == .push
	}
	return select_any(processes, sends, objects, timeout)
}
