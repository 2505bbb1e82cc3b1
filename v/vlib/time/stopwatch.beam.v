// A watch that can be stopped and go on.
module time

@[params]
pub struct StopWatchOptions {
pub:
	auto_start bool = true
}

pub struct StopWatch {
mut:
	elapsed u64
	started bool
pub mut:
	start u64
	end   u64
}

pub fn new_stopwatch(opts StopWatchOptions) StopWatch {
	return StopWatch{
		started: opts.auto_start
		start:   if opts.auto_start { sys_mono_now() } else { u64(0) }
	}
}

pub fn (mut t StopWatch) start() {
	t.start = sys_mono_now()
	t.end = 0
	t.started = true
}

pub fn (mut t StopWatch) restart() {
	t.elapsed = 0
	t.start()
}

pub fn (mut t StopWatch) stop() {
	t.end = sys_mono_now()
	t.started = false
}

pub fn (mut t StopWatch) pause() {
	if t.started {
		t.elapsed += sys_mono_now() - t.start
		t.start = 0
		t.started = false
	}
}

pub fn (t StopWatch) elapsed() Duration {
	if t.end > 0 {
		return Duration(i64(t.end - t.start + t.elapsed))
	}
	if !t.started {
		return Duration(i64(t.elapsed))
	}
	return Duration(i64(sys_mono_now() - t.start + t.elapsed))
}
