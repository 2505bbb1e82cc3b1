// A service in V below the system's own supervisor: it is killed, and it comes back. What has to
// survive is kept by somebody else, here an ETS table of the program that uses it.
@[erlang_module: 'counter_service']
module main

import erlang

// {add, N}: adds to the count and answers it.
@[record]
struct Add {
	n int
}

// `get` and `crash`, as atoms.
enum Command {
	get
	crash
}

type Request = Add | Command

@[erlang: 'ets:new']
fn new_table(name erlang.Atom, options []erlang.Atom) erlang.Atom

@[erlang: 'ets:insert']
fn insert(table erlang.Atom, row Row) bool

@[erlang: 'ets:lookup']
fn lookup(table erlang.Atom, key erlang.Atom) []Row

// {Key, Count}
@[tuple]
struct Row {
	key   erlang.Atom
	count int
}

@[behaviour: 'gen_server']
struct Counter {
	table erlang.Atom
mut:
	count int
}

fn Counter.init(table erlang.Atom) !Counter {
	rows := lookup(table, erlang.atom('count'))
	return Counter{
		table: table
		count: if rows.len > 0 { rows[0].count } else { 0 }
	}
}

fn (mut c Counter) handle_call(request Request) int {
	match request {
		Add {
			c.count += request.n
			insert(c.table, Row{ key: erlang.atom('count'), count: c.count })
		}
		Command {
			if request == .crash {
				panic('told to crash')
			}
		}
	}
	return c.count
}

fn ask(request Request) !int {
	return erlang.ask[Request, int](erlang.atom('counter'), request)
}

fn await_successor(old erlang.Pid) {
	for {
		erlang.receive_for[int](1) or {}
		if now := erlang.whereis(erlang.atom('counter')) {
			if now != old {
				return
			}
		}
	}
}

fn main() {
	table := new_table(erlang.atom('counter_table'), [erlang.atom('named_table'),
		erlang.atom('public')])
	child := erlang.ChildSpec{
		id:    erlang.atom('counter')
		start: erlang.server_start('counter', 'counter_service', erlang.term(table))
	}
	// Elsewhere than on VBEAM there is no tree to put it into.
	services := erlang.atom('vbeam_service_sup')
	if _ := erlang.whereis(services) {
		erlang.start_child(services, child)!
	} else {
		erlang.start_supervisor(erlang.SupFlags{ strategy: .one_for_one }, [child])!
	}
	println('count: ${ask(Add{ 40 })!}')
	first := erlang.whereis(erlang.atom('counter')) or { panic('no counter') }
	erlang.exit_process(first, erlang.atom('kill'))
	await_successor(first)
	println('after it was killed: ${ask(Add{ 2 })!}')
	second := erlang.whereis(erlang.atom('counter')) or { panic('no counter') }
	println('another process: ${first != second}')
}
