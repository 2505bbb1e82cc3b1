// Module runtime: what the Erlang system knows of the machine.
module runtime

@[erlang: 'v_os:processors']
pub fn nr_cpus() int

@[erlang: 'v_os:memory']
fn memory(what string) u64

// total_memory is what the Erlang system has taken from the machine, which it cannot ask for more.
pub fn total_memory() !usize {
	return usize(memory('total'))
}

pub fn used_memory() !u64 {
	return memory('used')
}

pub fn free_memory() !usize {
	return usize(memory('total') - memory('used'))
}
