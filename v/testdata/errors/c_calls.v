fn C.read(fd int, buffer voidptr, count usize) isize
fn C.fork() int
fn C.getcwd(buffer &char, size usize) &char
fn C.stat(path &char, status &C.stat) int
fn C.close(fd int) int

struct C.stat {
	st_size   i64
	st_colour int
}

fn main() {
	mut buffer := []u8{len: 8}
	println(C.fork())
	println(C.undeclared(1))
	println(C.O_PURPLE)
	println(C.read(0, 5, 3))
	println(C.close())
	println(C.close('text'))
	println(C.getcwd(buffer.data, 8))
	mut status := C.stat{}
	println(C.stat(c'/', &status))
	names := ['a']
	println(C.read(0, names.data, 3))
}
