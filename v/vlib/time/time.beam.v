// Module time: durations, sleeping and clocks.
module time

pub type Duration = i64

pub const nanosecond = Duration(1)
pub const microsecond = Duration(1000)
pub const millisecond = Duration(1000000)
pub const second = Duration(1000000000)
pub const minute = Duration(60000000000)
pub const hour = Duration(3600000000000)

@[erlang: 'v_time:sleep']
pub fn sleep(duration Duration)

@[erlang: 'v_time:monotonic']
pub fn sys_mono_now() u64

@[erlang: 'v_time:ticks']
pub fn ticks() i64

pub fn (d Duration) nanoseconds() i64 {
	return i64(d)
}

pub fn (d Duration) microseconds() i64 {
	return i64(d) / 1000
}

pub fn (d Duration) milliseconds() i64 {
	return i64(d) / 1000000
}

pub fn (d Duration) seconds() f64 {
	return f64(i64(d)) / 1000000000.0
}

pub struct StopWatch {
	start u64
}

pub struct StopWatchOptions {
	auto_start bool = true
}

pub fn new_stopwatch() StopWatch {
	return StopWatch{
		start: sys_mono_now()
	}
}

pub fn (s StopWatch) elapsed() Duration {
	return Duration(i64(sys_mono_now() - s.start))
}
