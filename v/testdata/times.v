// Points in time, durations and the calendar.
import time

fn main() {
	t := time.unix(1_700_000_000)
	println(t)
	println(t.add_days(30).format_ss())
	println('${t.weekday_str()} ${t.smonth()} ${t.year_day()}')
	println(t.strftime('%a %d %b %Y, %H:%M %j'))
	leap := time.new(time.Time{
		year:  2024
		month: 2
		day:   29
	})
	println(leap.unix())
	println(leap > t)
	println((leap - t).hours())
	println(time.unix(-1).format_ss())
	println(time.days_in_month(2, 1900)!)
	time.days_in_month(13, 1900) or { println(err) }
	for d in [time.Duration(17), 1500 * time.microsecond, 61 * time.second, 25 * time.hour,
		-3 * time.millisecond, time.infinite] {
		println(d)
	}
	a := time.now()
	time.sleep(2 * time.millisecond)
	println(time.since(a) >= 2 * time.millisecond)
	mut watch := time.new_stopwatch(auto_start: false)
	println(watch.elapsed() == 0)
	watch.start()
	time.sleep(1 * time.millisecond)
	watch.stop()
	println(watch.elapsed() > 0)
	println(max_u64)
	println(min_i64)
}
