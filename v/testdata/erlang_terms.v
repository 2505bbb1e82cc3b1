import erlang

@[erlang: 'lists:reverse']
fn reverse(list []int) []int

@[erlang: 'erlang:binary_to_integer']
fn parse(text string) !int

@[erlang: 'lists:map']
fn map_all(f fn (x int) string, list []int) []string

@[record]
struct Ping {
	from erlang.Pid
	n    int
}

enum Command {
	reset
	halt
}

type Message = Ping | Command | string

struct Point {
	x int
	y ?f64
}

fn main() {
	println(reverse([1, 2, 3]))
	println(parse('12')!)
	parse('x') or { println('error: ${err}') }
	println(map_all(fn (x int) string { return 'n${x}' }, [1, 2]))
	println(erlang.term(Point{ x: 1 }))
	println(erlang.term(Point{ 1, 2.5 }))
	t := erlang.term({ 'a': [1, 2] })
	println(t)
	m := erlang.decode[map[string][]int](t)!
	println(m)
	erlang.decode[map[string][]u8](erlang.term({ 'a': [1, 256] })) or { println(err) }
	erlang.decode[string](erlang.term(5)) or { println(err) }
	me := erlang.self()
	erlang.send(me, 5)
	erlang.send(me, Ping{ from: me, n: 7 })
	erlang.send(me, Command.halt)
	for _ in 0 .. 2 {
		msg := erlang.receive_for[Message](100)!
		match msg {
			Ping { println('ping ${msg.n} ${msg.from == me}') }
			Command { println('command ${msg}') }
			string { println(msg) }
		}
	}
	println(erlang.receive_for[int](0)!)
	erlang.receive_for[int](10) or { println(err) }
	pid, ref := erlang.spawn_monitor(fn () {
		println('in another process')
	})
	down := erlang.receive[erlang.Down]()!
	println(down.monitor == ref)
	println(down.reason)
	println(pid.is_alive())
	x := erlang.call('lists', 'seq', [erlang.term(1), erlang.term(3)])!
	println(x)
	erlang.call('lists', 'nosuch', []) or { println(err) }
	if _ := erlang.whereis(erlang.atom('nobody')) {
		println('there is somebody')
	}
}
