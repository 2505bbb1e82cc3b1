// Module termios: there are no terminal settings on the BEAM, so every call says what Linux says of
// a file that is no terminal.
module termios

type TcFlag = int
type Speed = int
type Cc = u8

pub struct Termios {
pub mut:
	c_iflag  TcFlag
	c_oflag  TcFlag
	c_cflag  TcFlag
	c_lflag  TcFlag
	c_line   Cc
	c_cc     [32]Cc
	c_ispeed Speed
	c_ospeed Speed
}

const echo = 0o10
const not_a_terminal = 25

@[erlang: 'v_c:set_errno']
fn set_errno(number int)

fn refused() int {
	set_errno(not_a_terminal)
	return -1
}

pub fn flag(value int) TcFlag {
	return TcFlag(value)
}

pub fn invert(value TcFlag) TcFlag {
	return TcFlag(~int(value))
}

pub fn tcgetattr(fd int, mut state Termios) int {
	return refused()
}

pub fn tcsetattr(fd int, optional_actions int, mut state Termios) int {
	return refused()
}

pub fn ioctl(fd int, request u64, arg voidptr) int {
	return refused()
}

pub fn set_state(fd int, new_state Termios) int {
	return refused()
}

pub fn (mut t Termios) disable_echo() {
	t.c_lflag &= invert(echo)
}
