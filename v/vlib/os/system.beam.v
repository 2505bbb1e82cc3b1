// Users, errors of the system, and what is done with open files' descriptors.
module os

pub const sys_write = 1
const executable_suffixes = ['']

fn C.getuid() int
fn C.geteuid() int
fn C.getgid() int
fn C.getegid() int
fn C.getppid() int
fn C.read(fd int, buffer voidptr, count usize) int
fn C.write(fd int, buffer voidptr, count usize) int
fn C.close(fd int) int

pub fn getuid() int {
	return C.getuid()
}

pub fn geteuid() int {
	return C.geteuid()
}

pub fn getgid() int {
	return C.getgid()
}

pub fn getegid() int {
	return C.getegid()
}

pub fn getppid() int {
	return C.getppid()
}

pub fn page_size() int {
	return 4096
}

// --- errors ----------------------------------------------------------------------------------------

@[params]
pub struct SystemError {
pub:
	msg  string
	code int = -1
}

@[erlang: 'v_file:error_text']
pub fn posix_get_error_msg(code int) string

pub fn get_error_msg(code int) string {
	return if code < 0 { '' } else { posix_get_error_msg(code) }
}

// error_posix is the error of a code, or of the last failed C function.
pub fn error_posix(e SystemError) IError {
	code := if e.code == -1 { C.errno } else { e.code }
	message := if e.msg == '' { posix_get_error_msg(code) } else { e.msg }
	return error_with_code(message, code)
}

pub fn last_error() IError {
	return error_posix()
}

// ensure_folder_is_writable tries it out with a file that is removed again.
pub fn ensure_folder_is_writable(folder string) ! {
	if !exists(folder) {
		return error_with_code('`${folder}` does not exist', 1)
	}
	if !is_dir(folder) {
		return error_with_code('`folder` is not a folder', 2)
	}
	probe := join_path_single(folder, 'tmp_perm_check_pid_${getpid()}')
	write_file(probe, 'test') or {
		return error_with_code('cannot write to folder "${folder}": ${err}', 3)
	}
	rm(probe)!
}

// --- descriptors -----------------------------------------------------------------------------------

pub fn fd_close(fd int) int {
	return if fd == -1 { 0 } else { C.close(fd) }
}

pub fn fd_write(fd int, s string) {
	if fd != -1 && s.len > 0 {
		C.write(fd, s.str, usize(s.len))
	}
}

pub fn fd_read(fd int, maxbytes int) (string, int) {
	if fd == -1 || maxbytes <= 0 {
		return '', 0
	}
	mut buffer := []u8{len: maxbytes}
	count := C.read(fd, &buffer[0], usize(maxbytes))
	if count < 0 {
		return '', count
	}
	return buffer[..count].bytestr(), count
}

pub fn fd_slurp(fd int) []string {
	mut pieces := []string{}
	for fd != -1 {
		piece, count := fd_read(fd, 4096)
		if count <= 0 {
			break
		}
		pieces << piece
	}
	return pieces
}

pub fn fd_is_pending(fd int) bool {
	return false
}

// --- more of open files ----------------------------------------------------------------------------

// read_bytes_with_newline reads to the end of a line, or of the buffer; how many bytes it were.
pub fn (f &File) read_bytes_with_newline(mut buf []u8) !int {
	if !f.is_opened {
		return FileNotOpenedError{}
	}
	if buf.len == 0 {
		return error('read_bytes_with_newline: `buf.len` == 0')
	}
	for i in 0 .. buf.len {
		text := take(f.handle, 1) or { return i }
		buf[i] = text[0]
		if text[0] == `\n` {
			return i + 1
		}
	}
	return buf.len
}

pub fn (f &File) read_from(pos u64, mut buf []u8) !int {
	if buf.len == 0 {
		return 0
	}
	text := take_at(f.handle, pos, buf.len) or { return Eof{} }
	for i in 0 .. text.len {
		buf[i] = text[i]
	}
	return text.len
}

pub fn (f &File) read_bytes_into(pos u64, mut buf []u8) !int {
	if buf.len == 0 {
		return error('read_bytes_into: `buf.len` == 0')
	}
	return f.read_from(pos, mut buf)
}

pub fn (mut f File) reopen(path string, mode string) ! {
	opened := open_file(path, mode)!
	f.close()
	f = opened
}

pub fn (mut f File) write_full_buffer(buffer voidptr, buffer_len usize) ! {
	f.write_string(unsafe { tos(&u8(buffer), int(buffer_len)) })!
}

pub fn (mut f File) write_ptr_at(data voidptr, size int, pos u64) int {
	bytes := unsafe { tos(&u8(data), size) }
	return f.write_to(pos, bytes.bytes()) or { 0 }
}

pub fn (mut f File) write_u8(b u8) ! {
	f.write([b])!
}

pub fn (mut f File) read_u8() !u8 {
	text := take(f.handle, 1) or { return Eof{} }
	return text[0]
}

pub enum FileBufferMode {
	fully_buffered
	line_buffered
	not_buffered
}

// Nothing is kept back: what is written is with the system before the call is over.
pub fn (mut f File) set_line_buffered() {
}

pub fn (mut f File) set_unbuffered() {
}

pub fn (mut f File) set_buffer(mut buffer []u8, mode FileBufferMode) int {
	return 0
}
