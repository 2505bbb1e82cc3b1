// Durations: how long they are in each unit, and as text.
module time

pub fn (d Duration) nanoseconds() i64 {
	return i64(d)
}

pub fn (d Duration) microseconds() i64 {
	return i64(d) / 1000
}

pub fn (d Duration) milliseconds() i64 {
	return i64(d) / 1_000_000
}

pub fn (d Duration) seconds() f64 {
	return f64(i64(d)) / 1e9
}

pub fn (d Duration) minutes() f64 {
	return f64(i64(d)) / 60e9
}

pub fn (d Duration) hours() f64 {
	return f64(i64(d)) / 3600e9
}

pub fn (d Duration) days() f64 {
	return f64(i64(d)) / 86400e9
}

pub fn (d Duration) times(x f64) Duration {
	return Duration(f64(i64(d)) * x)
}

pub fn (d Duration) sys_milliseconds() int {
	ms := i64(d) / 1_000_000
	if ms > 2147483647 {
		return -1
	}
	return if ms < 0 { 0 } else { int(ms) }
}

// str shows the largest unit and three digits of the next.
pub fn (d Duration) str() string {
	if d == infinite {
		return 'inf'
	}
	all := i64(d)
	sign := if all < 0 { '-' } else { '' }
	t := if all < 0 { -all } else { all }
	seconds := t / 1_000_000_000
	if t >= i64(hour) {
		return '${sign}${seconds / 3600}:${seconds / 60 % 60:02}:${seconds % 60:02}'
	}
	milliseconds := t / 1_000_000
	if t >= i64(minute) {
		return '${sign}${seconds / 60}:${seconds % 60:02}.${milliseconds % 1000:03}'
	}
	if t >= i64(second) {
		return '${sign}${seconds}.${milliseconds % 1000:03}s'
	}
	microseconds := t / 1000
	if t >= i64(millisecond) {
		return '${sign}${milliseconds}.${microseconds % 1000:03}ms'
	}
	if t >= i64(microsecond) {
		return '${sign}${microseconds}.${t % 1000:03}us'
	}
	return '${sign}${t}ns'
}
