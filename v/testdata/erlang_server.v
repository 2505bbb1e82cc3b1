// A server in V below OTP's own supervisor: it is asked, told, crashes and comes back.
@[erlang_module: 'counter_server']
module main

import erlang

const step = initial_step(1)

fn initial_step(n int) int {
	return n * 2
}

@[record]
struct Add {
	n int
}

enum Simple {
	get
	step
	crash
	leave
}

type Request = Add | Simple

@[behaviour: 'gen_server']
struct Counter {
mut:
	count int
}

fn Counter.init(start int) !Counter {
	if start < 0 {
		return error('negative start')
	}
	return Counter{ count: start }
}

fn (mut c Counter) handle_call(request Request, from erlang.From) ?int {
	match request {
		Add {
			c.count += request.n
		}
		Simple {
			match request {
				.get {
					erlang.reply(from, c.count * 100)
					return none
				}
				.step {
					c.count += step
				}
				.crash {
					panic('told to crash')
				}
				.leave {
					erlang.stop(erlang.term(erlang.atom('normal')))
				}
			}
		}
	}
	return c.count
}

fn (mut c Counter) handle_cast(n int) {
	c.count += n
}

fn (mut c Counter) handle_info(text string) ! {
	if text == 'bad' {
		return error('bad text')
	}
	c.count = text.len
}

// What Erlang code may call.
@[export: 'child_spec']
fn child(start int) erlang.ChildSpec {
	return erlang.ChildSpec{
		id:       erlang.atom('counter')
		start:    erlang.server_start('counter', 'counter_server', erlang.term(start))
		shutdown: 100
	}
}

@[export: 'divide']
fn divide(a int, b int) !int {
	if b == 0 {
		return error('by zero')
	}
	return a / b
}

@[erlang: 'logger:set_primary_config']
fn set_log(key erlang.Atom, level erlang.Atom)

fn ask(request Request) !int {
	return erlang.ask[Request, int](erlang.atom('counter'), request)
}

fn await_other(old erlang.Pid) {
	for {
		if now := erlang.whereis(erlang.atom('counter')) {
			if now != old {
				return
			}
		}
	}
}

fn crashed(request Request) ! {
	before := erlang.whereis(erlang.atom('counter')) or { return error('no server') }
	ask(request) or { println('the call failed: ${err.msg().contains('told to crash')}') }
	await_other(before)
	println('again: ${ask(Simple.get)!}')
}

fn main() {
	set_log(erlang.atom('level'), erlang.atom('none'))
	println(erlang.term(child(5)))
	own := erlang.atom('counter_server')
	println(erlang.apply(own, erlang.atom('divide'), [erlang.term(7), erlang.term(2)])!)
	erlang.apply(own, erlang.atom('divide'), [erlang.term(7), erlang.term(0)]) or { println(err) }
	flags := erlang.SupFlags{ strategy: .one_for_one, intensity: 10 }
	supervisor := erlang.start_supervisor(flags, [child(5)])!
	println(supervisor.is_alive())
	println(ask(Add{ 3 })!)
	println(ask(Simple.get)!)
	println(ask(Simple.step)!)
	server := erlang.whereis(erlang.atom('counter')) or { panic('no server') }
	erlang.cast(erlang.atom('counter'), 20)
	erlang.send(server, 'four')
	erlang.cast(erlang.atom('counter'), 'not a number')
	println(ask(Simple.get)!)
	erlang.ask[string, int](erlang.atom('counter'), 'no request') or { println(err) }
	crashed(Simple.crash)!
	now := erlang.whereis(erlang.atom('counter')) or { panic('no server') }
	erlang.send(now, 'bad')
	await_other(now)
	println('and again: ${ask(Simple.get)!}')
	set_log(erlang.atom('level'), erlang.atom('notice'))
}
