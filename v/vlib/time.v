// Module time: durations, sleeping and clocks.

type time.Duration = i64

const time.nanosecond = time.Duration(1)
const time.microsecond = time.Duration(1000)
const time.millisecond = time.Duration(1000000)
const time.second = time.Duration(1000000000)
const time.minute = time.Duration(60000000000)
const time.hour = time.Duration(3600000000000)

@[erlang: 'v_time:sleep']
fn time.sleep(duration time.Duration)

@[erlang: 'v_time:monotonic']
fn time.sys_mono_now() u64

@[erlang: 'v_time:ticks']
fn time.ticks() i64

fn (d time.Duration) nanoseconds() i64 {
	return i64(d)
}

fn (d time.Duration) microseconds() i64 {
	return i64(d) / 1000
}

fn (d time.Duration) milliseconds() i64 {
	return i64(d) / 1000000
}

fn (d time.Duration) seconds() f64 {
	return f64(i64(d)) / 1000000000.0
}

struct time.StopWatch {
	start u64
}

struct time.StopWatchOptions {
	auto_start bool = true
}

fn time.new_stopwatch() time.StopWatch {
	return time.StopWatch{
		start: time.sys_mono_now()
	}
}

fn (s time.StopWatch) elapsed() time.Duration {
	return time.Duration(i64(time.sys_mono_now() - s.start))
}
