// An interpreter of Brainfuck: a tape of bytes, a loop over the program's characters.
const squares = '++++[>+++++<-]>[<+++++>-]+<+[>[>+>+<<-]++>>[<<+>>-]>>>[-]++>[-]+>>>+[[-]++++++>>>]<<<[[<++++++++<++>>-]+<.<[>----<-]<]<<[>>>>>[>>>[-]+++++++++<[>-<-]+++++++++>[-[<->-]+[<<<]]<[>+<-]>]<<-]<<-]'

fn jumps(program string) []int {
	mut targets := []int{len: program.len}
	mut open := []int{}
	for i in 0 .. program.len {
		if program[i] == `[` {
			open << i
		} else if program[i] == `]` {
			start := open.pop()
			targets[start] = i
			targets[i] = start
		}
	}
	return targets
}

fn run(program string) string {
	targets := jumps(program)
	mut tape := []u8{len: 100}
	mut output := []u8{}
	mut at := 0
	mut i := 0
	for i < program.len {
		match program[i] {
			`>` {
				at++
			}
			`<` {
				at--
			}
			`+` {
				tape[at]++
			}
			`-` {
				tape[at]--
			}
			`.` {
				output << tape[at]
			}
			`[` {
				if tape[at] == 0 {
					i = targets[i]
				}
			}
			`]` {
				if tape[at] != 0 {
					i = targets[i]
				}
			}
			else {}
		}
		i++
	}
	return output.bytestr()
}

fn main() {
	mut text := ''
	for _ in 0 .. 5 {
		text = run(squares)
	}
	print(text)
}
