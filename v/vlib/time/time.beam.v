// Module time: clocks, sleeping, points in time and durations. Points in time are counted in
// seconds since 1970-01-01 00:00:00 UTC; those of local time with the offset of the time zone added.
module time

pub type Duration = i64

pub const nanosecond = Duration(1)
pub const microsecond = Duration(1000)
pub const millisecond = Duration(1_000_000)
pub const second = Duration(1_000_000_000)
pub const minute = Duration(60_000_000_000)
pub const hour = Duration(3600_000_000_000)
pub const infinite = Duration(9223372036854775807)

pub const days_string = 'MonTueWedThuFriSatSun'
pub const months_string = 'JanFebMarAprMayJunJulAugSepOctNovDec'
pub const long_days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']!
pub const long_months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August',
	'September', 'October', 'November', 'December']
pub const month_days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]!
pub const days_before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365]!
pub const days_in_year = 365
pub const seconds_per_minute = 60
pub const seconds_per_hour = 3600
pub const seconds_per_day = 86400
pub const seconds_per_week = 604800

@[erlang: 'v_time:sleep']
pub fn sleep(duration Duration)

@[erlang: 'v_time:monotonic']
pub fn sys_mono_now() u64

@[erlang: 'v_time:ticks']
pub fn ticks() i64

@[erlang: 'v_time:system']
fn system_nanoseconds() i64

// Seconds that the local clock is ahead of UTC at a moment.
@[erlang: 'v_time:zone']
fn zone_seconds(unix i64) i64

@[erlang: 'v_time:date']
fn date_of(days i64) (int, int, int)

@[erlang: 'v_time:days']
fn days_of(year int, month int, day int) i64

pub struct Time {
	unix i64
pub:
	year       int
	month      int
	day        int
	hour       int
	minute     int
	second     int
	nanosecond int
	is_local   bool
}

// --- making times ------------------------------------------------------------------------------

pub fn unix_now() i64 {
	return system_nanoseconds() / 1_000_000_000
}

pub fn utc() Time {
	return unix_nano(system_nanoseconds())
}

pub fn now() Time {
	return utc().local()
}

pub fn unix(epoch i64) Time {
	return unix_nanosecond(epoch, 0)
}

pub fn unix_microsecond(epoch i64, microsecond int) Time {
	return unix_nanosecond(epoch, microsecond * 1000)
}

pub fn unix_milli(ms i64) Time {
	return unix_nanosecond(ms / 1000, int(ms % 1000) * 1_000_000)
}

pub fn unix_micro(us i64) Time {
	return unix_nanosecond(us / 1_000_000, int(us % 1_000_000) * 1000)
}

pub fn unix_nano(ns i64) Time {
	return unix_nanosecond(ns / 1_000_000_000, int(ns % 1_000_000_000))
}

pub fn unix_nanosecond(seconds i64, nanosecond int) Time {
	mut days := seconds / 86400
	mut rest := int(seconds % 86400)
	if rest < 0 {
		days--
		rest += 86400
	}
	year, month, day := date_of(days)
	return Time{
		unix:       seconds
		year:       year
		month:      month
		day:        day
		hour:       rest / 3600
		minute:     rest / 60 % 60
		second:     rest % 60
		nanosecond: nanosecond
	}
}

// Time.new gives the time its fields say, with what is needed to compare it.
pub fn Time.new(t Time) Time {
	return time_with_unix(checked(t))
}

pub fn new(t Time) Time {
	return Time.new(t)
}

fn checked(t Time) Time {
	known := Time{
		...t
		month: if t.month == 0 { 1 } else { t.month }
		day:   if t.day == 0 { 1 } else { t.day }
	}
	require(known.year >= -9999 && known.year <= 9999, 'year must be between -9999 and 9999')
	require(known.month >= 1 && known.month <= 12, 'month must be between 1 and 12')
	last := days_in_month(known.month, known.year) or { 31 }
	require(known.day >= 1 && known.day <= last,
		'day must be between 1 and ${last} for year ${known.year}, month ${known.month}')
	require(known.hour >= 0 && known.hour <= 23, 'hour must be between 0 and 23')
	require(known.minute >= 0 && known.minute <= 59, 'minute must be between 0 and 59')
	require(known.second >= 0 && known.second <= 59, 'second must be between 0 and 59')
	require(known.nanosecond >= 0 && known.nanosecond < 1_000_000_000,
		'nanosecond must be between 0 and 999999999')
	return known
}

fn require(holds bool, what string) {
	if !holds {
		panic('invalid time: ' + what)
	}
}

fn time_with_unix(t Time) Time {
	if t.unix != 0 {
		return t
	}
	month := if t.month == 0 { 1 } else { t.month }
	day := if t.day == 0 { 1 } else { t.day }
	of_day := i64(t.hour) * 3600 + i64(t.minute) * 60 + i64(t.second)
	return Time{
		...t
		month: month
		day:   day
		unix:  days_of(t.year, month, day) * 86400 + of_day
	}
}

// --- zones -------------------------------------------------------------------------------------

// offset is the number of seconds that local time is ahead of UTC now.
pub fn offset() int {
	return int(zone_seconds(unix_now()))
}

pub fn (t Time) local() Time {
	if t.is_local {
		return t
	}
	seconds := t.unix()
	return Time{
		...unix_nanosecond(seconds + zone_seconds(seconds), t.nanosecond)
		is_local: true
	}
}

pub fn (t Time) local_to_utc() Time {
	if !t.is_local {
		return t
	}
	return Time{
		...t.add(Duration(i64(-offset()) * second))
		is_local: false
	}
}

pub fn (t Time) utc_to_local() Time {
	if t.is_local {
		return t
	}
	return Time{
		...t.add(Duration(i64(offset()) * second))
		is_local: true
	}
}

pub fn (t Time) as_local() Time {
	return Time{
		...t
		is_local: true
	}
}

pub fn (t Time) as_utc() Time {
	return Time{
		...t
		is_local: false
	}
}

pub fn (t Time) is_utc() bool {
	return !t.is_local
}

// --- counting ----------------------------------------------------------------------------------

pub fn (t Time) unix() i64 {
	return time_with_unix(t.local_to_utc()).unix
}

pub fn (t Time) local_unix() i64 {
	return time_with_unix(t).unix
}

pub fn (t Time) unix_milli() i64 {
	return t.unix() * 1000 + i64(t.nanosecond) / 1_000_000
}

pub fn (t Time) unix_micro() i64 {
	return t.unix() * 1_000_000 + i64(t.nanosecond) / 1000
}

pub fn (t Time) unix_nano() i64 {
	return t.unix() * 1_000_000_000 + i64(t.nanosecond)
}

pub fn (t Time) add(d Duration) Time {
	mut nanos := i64(t.nanosecond) + i64(d)
	mut seconds := t.local_unix() + nanos / 1_000_000_000
	nanos %= 1_000_000_000
	if nanos < 0 {
		seconds--
		nanos += 1_000_000_000
	}
	moved := unix_nanosecond(seconds, int(nanos))
	if !t.is_local {
		return moved
	}
	return Time{
		...moved
		unix:     0
		is_local: true
	}
}

pub fn (t Time) add_seconds(seconds int) Time {
	return time_with_unix(t).add(Duration(i64(seconds) * second))
}

pub fn (t Time) add_days(days int) Time {
	return time_with_unix(t).add(Duration(i64(days) * 24 * hour))
}

pub fn since(t Time) Duration {
	return now() - t
}

pub fn (a Time) == (b Time) bool {
	return a.nanosecond == b.nanosecond && a.is_local == b.is_local
		&& a.local_unix() == b.local_unix()
}

pub fn (a Time) < (b Time) bool {
	left := a.unix()
	right := b.unix()
	return left < right || (left == right && a.nanosecond < b.nanosecond)
}

pub fn (a Time) - (b Time) Duration {
	return Duration((a.unix() - b.unix()) * 1_000_000_000 + i64(a.nanosecond - b.nanosecond))
}

// --- the calendar ------------------------------------------------------------------------------

pub fn is_leap_year(year int) bool {
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub fn days_in_month(month int, year int) !int {
	if month < 1 || month > 12 {
		return error('Invalid month: ${month}')
	}
	return if month == 2 && is_leap_year(year) { 29 } else { month_days[month - 1] }
}

// day_of_week is 1 on Mondays.
pub fn day_of_week(y int, m int, d int) int {
	return int((days_of(y, m, d) % 7 + 10) % 7) + 1
}

pub fn (t Time) day_of_week() int {
	return day_of_week(t.year, t.month, t.day)
}

pub fn (t Time) year_day() int {
	return int(days_of(t.year, t.month, t.day) - days_of(t.year, 1, 1)) + 1
}

pub fn (t Time) weekday_str() string {
	return long_days[t.day_of_week() - 1][..3]
}

pub fn (t Time) long_weekday_str() string {
	return long_days[t.day_of_week() - 1]
}

pub fn (t Time) smonth() string {
	if t.month < 1 || t.month > 12 {
		return '---'
	}
	return months_string[(t.month - 1) * 3..t.month * 3]
}

// --- text --------------------------------------------------------------------------------------

pub fn (t Time) str() string {
	return t.format_ss()
}

pub fn (t Time) ymmdd() string {
	return '${t.year:04}-${t.month:02}-${t.day:02}'
}

pub fn (t Time) ddmmy() string {
	return '${t.day:02}.${t.month:02}.${t.year:04}'
}

pub fn (t Time) md() string {
	return '${t.smonth()} ${t.day}'
}

pub fn (t Time) hhmm() string {
	return '${t.hour:02}:${t.minute:02}'
}

pub fn (t Time) hhmmss() string {
	return '${t.hour:02}:${t.minute:02}:${t.second:02}'
}

pub fn (t Time) format() string {
	return t.ymmdd() + ' ' + t.hhmm()
}

pub fn (t Time) format_ss() string {
	return t.ymmdd() + ' ' + t.hhmmss()
}

pub fn (t Time) format_ss_milli() string {
	return '${t.format_ss()}.${t.nanosecond / 1_000_000:03}'
}

pub fn (t Time) format_ss_micro() string {
	return '${t.format_ss()}.${t.nanosecond / 1000:06}'
}

pub fn (t Time) format_ss_nano() string {
	return '${t.format_ss()}.${t.nanosecond:09}'
}

@[erlang: 'v_time:strftime']
fn strftime_of(format string, year int, month int, day int, clock []int) string

pub fn (t Time) strftime(fmt string) string {
	u := unix_nanosecond(time_with_unix(t).unix, 0)
	return strftime_of(fmt, u.year, u.month, u.day, [u.hour, u.minute, u.second])
}
