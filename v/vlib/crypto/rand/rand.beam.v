// Module crypto.rand: random bytes of the system.
module rand

fn C.getrandom(buffer voidptr, count usize, flags u32) int

// read fills the buffer.
pub fn read(mut buffer []u8) ! {
	if buffer.len == 0 {
		return
	}
	if C.getrandom(&buffer[0], usize(buffer.len), 0) != buffer.len {
		return ReadError{}
	}
}
