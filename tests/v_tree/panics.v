// Panics in its first two lives, in a thread of its own the second time.
import erlang

@[erlang: 'persistent_term:get']
fn kept(key erlang.Atom, otherwise int) int

@[erlang: 'persistent_term:put']
fn keep(key erlang.Atom, value int)

fn main() {
	key := erlang.atom('lives')
	life := kept(key, 0) + 1
	keep(key, life)
	println('life ${life}')
	if life == 1 {
		panic('first')
	}
	if life == 2 {
		second := spawn fn () {
			panic('second')
		}()
		second.wait()
	}
	println('the end')
}
