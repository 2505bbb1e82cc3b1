module main

import erlang

interface Animal {
	name() string
}

@[erlang: 'lists:sort']
fn sort_animals(list []Animal) []Animal

@[erlang: 'lists']
fn no_function(list []int) []int

@[erlang]
fn nothing_to_convert() int

@[behaviour: 'gen_servant']
struct Servant {}

@[behaviour: 'gen_server']
@[vbeam_match: 'vendor=0x1234 colour=red']
struct WrongInit {}

fn WrongInit.init(n int) int {
	return n
}

@[export: 'main']
fn second_main() int {
	return 1
}

@[export: 'generic']
fn generic[T](x T) T {
	return x
}

@[export: 'changing']
fn changing(mut list []int) {
	list << 1
}

@[behaviour: 'gen_server']
struct NoInit {}

fn main() {
	println(sort_animals([]))
	println(no_function([1]))
	println(nothing_to_convert())
	animals := []Animal{}
	println(erlang.term(animals))
}
