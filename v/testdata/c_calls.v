// C functions that are system calls: files, pipes, clocks; memory that they fill.
fn C.open(path &char, flags int, mode int) int
fn C.read(fd int, buffer voidptr, count usize) isize
fn C.write(fd int, buffer voidptr, count usize) isize
fn C.close(fd int) int
fn C.lseek(fd int, offset i64, whence int) i64
fn C.unlink(path &char) int
fn C.pipe(ends &int) int
fn C.getpid() int
fn C.stat(path &char, status &C.stat) int
fn C.fstat(fd int, status &C.stat) int
fn C.clock_gettime(clock int, time &C.timespec) int
fn C.mkdir(path &char, mode u32) int
fn C.rmdir(path &char) int
fn C.dup(fd int) int
fn C.getrandom(buffer voidptr, count usize, flags u32) isize
fn C.rename(from &char, to &char) int

struct C.stat {
	st_size i64
	st_mode u32
}

struct C.timespec {
	tv_sec  i64
	tv_nsec i64
}

fn main() {
	path := '/tmp/v_c_calls_${C.getpid()}'
	missing := C.open(&char(path.str), C.O_RDONLY, 0)
	println('${missing} ${C.errno == C.ENOENT}')
	fd := C.open(&char(path.str), C.O_CREAT | C.O_RDWR | C.O_TRUNC, 0o600)
	println(fd)
	text := 'hello, system call'
	println(C.write(fd, text.str, text.len))
	println(C.lseek(fd, 7, C.SEEK_SET))
	mut buffer := []u8{len: 32}
	count := C.read(fd, buffer.data, buffer.len)
	println(buffer[..int(count)].bytestr())
	println(C.read(fd, buffer.data, buffer.len))
	mut status := C.stat{}
	println(C.fstat(fd, &status))
	println('${status.st_size} ${status.st_mode & u32(C.S_IFMT) == u32(C.S_IFREG)}')
	copy := C.dup(fd)
	println(copy)
	println(C.close(fd))
	println(C.lseek(copy, 0, C.SEEK_SET))
	mut small := [4]u8{}
	println(C.read(copy, &small[0], 4))
	println(small)
	println(C.close(copy))
	println('${C.close(copy)} ${C.errno == C.EBADF}')
	moved := path + 'b'
	println(C.rename(path.str, moved.str))
	println(C.stat(moved.str, &status))
	println(C.unlink(moved.str))
	println(C.stat(moved.str, &status))
	println(C.mkdir(path.str, 0o700))
	println('${C.mkdir(path.str, 0o700)} ${C.errno == C.EEXIST}')
	println(C.rmdir(path.str))
	mut ends := [2]int{}
	println(C.pipe(&ends[0]))
	writer := spawn fn (fd int) {
		C.write(fd, c'through a pipe', 14)
		C.close(fd)
	}(ends[1])
	println(C.read(ends[0], buffer.data, 32))
	println(buffer[..14].bytestr())
	writer.wait()
	println(C.read(ends[0], buffer.data, 32))
	mut now := C.timespec{}
	println(C.clock_gettime(C.CLOCK_REALTIME, &now))
	println(now.tv_sec > 1600000000)
	mut noise := []u8{len: 64}
	println(C.getrandom(noise.data, 64, 0))
	println(noise.any(it != 0))
	C.write(C.STDOUT_FILENO, c'straight out\n', 13)
}
