// What V's own module sync.pool needs of its platform: which thread takes which item.
module pool

@[erlang: 'v_sync:fetch_add_u64']
fn take_number(counter &u32, count u64) u64

fn process_in_thread(mut pool PoolProcessor, task_id int) {
	work := ThreadCB(pool.thread_cb)
	for {
		index := int(take_number(&pool.ntask, 1))
		if index >= pool.items.len {
			break
		}
		result := work(mut pool, index, task_id)
		lock pool.results {
			pool.results[index] = result
		}
	}
	pool.waitgroup.done()
}
