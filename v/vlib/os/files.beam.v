// Files and folders. The runtime answers with the system's own text for what went wrong, which is
// empty when nothing did.
module os

import erlang

@[params]
pub struct MkdirParams {
pub:
	mode u32 = 0o777
}

@[params]
pub struct MvParams {
pub:
	overwrite bool = true
}

@[params]
pub struct CopyParams {
pub:
	fail_if_exists bool
}

@[erlang: 'v_file:read']
fn read_all(path string) (string, string)

@[erlang: 'v_file:write']
fn write_all(path string, text string, append bool) string

@[erlang: 'v_file:kind']
fn kind(path string) string

@[erlang: 'v_file:size']
pub fn file_size(path string) u64

@[erlang: 'v_file:modified']
pub fn file_last_mod_unix(path string) i64

@[erlang: 'v_file:list']
fn list(path string) (string, []string)

@[erlang: 'v_file:change']
fn change(what string, path string, other string) string

@[erlang: 'v_file:cwd']
pub fn getwd() string

@[erlang: 'v_file:link_target']
fn link_target(path string) ?string

@[erlang: 'v_file:access']
fn access(path string, bit int) bool

// --- whole files -----------------------------------------------------------------------------------

pub fn read_file(path string) !string {
	problem, text := read_all(path)
	if problem != '' {
		return error('failed to open file "${path}"')
	}
	return text
}

pub fn read_bytes(path string) ![]u8 {
	return read_file(path)!.bytes()
}

pub fn read_lines(path string) ![]string {
	return read_file(path)!.split_into_lines()
}

pub fn write_file(path string, text string) ! {
	if write_all(path, text, false) != '' {
		return error('failed to open file "${path}"')
	}
}

pub fn write_bytes(path string, bytes []u8) ! {
	write_file(path, bytes.bytestr())!
}

pub fn write_file_array(path string, buffer []u8) ! {
	write_bytes(path, buffer)!
}

pub fn write_lines(path string, lines []string) ! {
	write_file(path, lines.join('\n') + '\n')!
}

// --- what is there ---------------------------------------------------------------------------------

pub fn exists(path string) bool {
	return kind(path) != ''
}

pub fn is_file(path string) bool {
	return kind(path) !in ['', 'directory']
}

pub fn is_dir(path string) bool {
	return kind(path) == 'directory'
}

pub fn is_link(path string) bool {
	return link_target(path) != none
}

pub fn readlink(path string) !string {
	return link_target(path) or { error('Invalid argument') }
}

pub fn is_readable(path string) bool {
	return access(path, 4)
}

pub fn is_writable(path string) bool {
	return access(path, 2)
}

pub fn is_executable(path string) bool {
	return access(path, 1)
}

pub fn is_dir_empty(path string) bool {
	problem, names := list(path)
	return problem != '' || names.len == 0
}

pub fn ls(path string) ![]string {
	if path == '' {
		return error('ls() expects a folder, not an empty string')
	}
	problem, names := list(path)
	if problem != '' {
		return error(problem)
	}
	return names
}

pub fn real_path(path string) string {
	mut resolved := abs_path(path)
	for _ in 0 .. 40 {
		target := link_target(resolved) or { break }
		resolved = if is_abs_path(target) { target } else { norm_path(join_path(dir(resolved), target)) }
	}
	return resolved
}

pub fn walk_ext(path string, ext string) []string {
	mut found := []string{}
	for file in files_below(path) {
		if file.ends_with(ext) {
			found << file
		}
	}
	return found
}

pub fn walk(path string, f fn (string)) {
	for file in files_below(path) {
		f(file)
	}
}

fn files_below(path string) []string {
	_, names := list(path)
	mut found := []string{}
	for name in names {
		full := join_path_single(path, name)
		if is_dir(full) && !is_link(full) {
			found << files_below(full)
		} else {
			found << full
		}
	}
	return found
}

// --- changing --------------------------------------------------------------------------------------

fn done(problem string) ! {
	if problem != '' {
		return error(problem)
	}
}

pub fn chdir(path string) ! {
	done(change('chdir', path, ''))!
}

pub fn mkdir(path string, params MkdirParams) ! {
	if path == '.' {
		return
	}
	done(change('mkdir', path, ''))!
}

pub fn mkdir_all(path string, params MkdirParams) ! {
	if exists(path) {
		if is_dir(path) {
			return
		}
		return error('path `${path}` already exists, and is not a folder')
	}
	mut at := if path.starts_with('/') { '/' } else { '' }
	for part in path.split('/') {
		if part == '' {
			continue
		}
		at = join_path_single(at, part)
		if !is_dir(at) {
			mkdir(at) or { return error('folder: ${at}, error: ${err}') }
		}
	}
}

pub fn rm(path string) ! {
	problem := change('rm', path, '')
	if problem != '' {
		return error('Failed to remove "${path}": ' + problem)
	}
}

pub fn rmdir(path string) ! {
	problem := change('rmdir', path, '')
	if problem != '' {
		return error(problem)
	}
}

pub fn rmdir_all(path string) ! {
	for name in ls(path)! {
		full := join_path_single(path, name)
		if is_dir(full) && !is_link(full) {
			rmdir_all(full)!
		} else {
			rm(full)!
		}
	}
	rmdir(path)!
}

pub fn rename(src string, dst string) ! {
	if change('rename', src, dst) != '' {
		return error('failed to rename ${src} to ${dst}')
	}
}

pub fn rename_dir(src string, dst string) ! {
	rename(src, dst)!
}

pub fn mv(source string, target string, opts MvParams) ! {
	to := if is_dir(target) { join_path(target, base(source)) } else { target }
	if !opts.overwrite && exists(to) {
		return error('target path already exist')
	}
	rename(source, to)!
}

pub fn cp(src string, dst string, config CopyParams) ! {
	to := if is_dir(dst) { join_path(dst, base(src)) } else { dst }
	problem, text := read_all(src)
	if problem != '' {
		return error('cp: failed to open ${src} for reading')
	}
	if config.fail_if_exists && exists(to) {
		return error('cp: failed to open ${to} for writing')
	}
	if write_all(to, text, false) != '' {
		return error('cp: failed to open ${to} for writing')
	}
}

pub fn cp_all(src string, dst string, overwrite bool) ! {
	if !exists(src) {
		return error("Source path doesn't exist")
	}
	if !is_dir(src) {
		to := if is_dir(dst) { join_path(dst, base(src)) } else { dst }
		if exists(to) {
			if !overwrite {
				return error('Destination file path already exist')
			}
			rm(to)!
		}
		cp(src, to)!
		return
	}
	if !exists(dst) {
		mkdir(dst)!
	}
	if !is_dir(dst) {
		return error('Destination path is not a valid directory')
	}
	for name in ls(src)! {
		from := join_path_single(src, name)
		to := join_path_single(dst, name)
		if is_dir(from) && !exists(to) {
			mkdir(to)!
		}
		cp_all(from, to, overwrite)!
	}
}

pub fn symlink(target string, link_name string) ! {
	done(change('symlink', target, link_name))!
}

pub fn link(origin string, target string) ! {
	done(change('link', origin, target))!
}

pub fn chmod(path string, mode int) ! {
	done(change('chmod', path, mode.str()))!
}

pub fn truncate(path string, len u64) ! {
	_, text := read_all(path)
	zeroes := if len > u64(text.len) { '\0'.repeat(int(len) - text.len) } else { '' }
	keep := if len < u64(text.len) { int(len) } else { text.len }
	write_file(path, text[..keep] + zeroes)!
}

// --- open files ------------------------------------------------------------------------------------

pub struct File {
	handle erlang.Term
pub:
	fd int
pub mut:
	is_opened bool
}

pub enum SeekMode {
	start
	current
	end
}

pub struct Eof {
	Error
}

pub struct FileNotOpenedError {
	Error
}

pub fn (err FileNotOpenedError) msg() string {
	return 'os: file not opened'
}

@[erlang: 'v_file:open']
fn open_handle(path string, mode string) (string, erlang.Term)

@[erlang: 'v_file:console']
fn console(fd int) erlang.Term

@[erlang: 'v_file:close']
fn close_handle(handle erlang.Term)

@[erlang: 'v_file:put']
fn put(handle erlang.Term, text string) string

@[erlang: 'v_file:take']
fn take(handle erlang.Term, size int) ?string

@[erlang: 'v_file:take_at']
fn take_at(handle erlang.Term, pos u64, size int) ?string

@[erlang: 'v_file:line']
fn take_line(handle erlang.Term) ?string

@[erlang: 'v_file:seek']
fn move_to(handle erlang.Term, pos i64, mode int) i64

pub fn open_file(path string, mode string, options ...int) !File {
	problem, handle := open_handle(path, mode)
	if problem != '' {
		return error(problem)
	}
	return File{
		handle:    handle
		fd:        3
		is_opened: true
	}
}

pub fn open(path string) !File {
	return open_file(path, 'r') or { error('failed to open file "${path}"') }
}

pub fn create(path string) !File {
	return open_file(path, 'w') or { error('failed to create file "${path}"') }
}

pub fn open_append(path string) !File {
	return open_file(path, 'a') or { error('failed to create(append) file "${path}"') }
}

fn of_console(fd int) File {
	return File{
		handle:    console(fd)
		fd:        fd
		is_opened: true
	}
}

pub fn stdin() File {
	return of_console(0)
}

pub fn stdout() File {
	return of_console(1)
}

pub fn stderr() File {
	return of_console(2)
}

pub fn (mut f File) close() {
	if f.is_opened {
		f.is_opened = false
		close_handle(f.handle)
	}
}

pub fn (mut f File) flush() {
}

pub fn (f &File) eof() bool {
	return take_at(f.handle, u64(move_to(f.handle, 0, 1)), 1) == none
}

pub fn (mut f File) write_string(s string) !int {
	if !f.is_opened {
		return FileNotOpenedError{}
	}
	done(put(f.handle, s))!
	return s.len
}

pub fn (mut f File) write_ptr(data &u8, size int) int {
	return f.write_string(unsafe { tos(data, size) }) or { 0 }
}

pub fn (mut f File) writeln(s string) !int {
	return f.write_string(s + '\n')
}

pub fn (mut f File) write(buf []u8) !int {
	return f.write_string(buf.bytestr())
}

pub fn (mut f File) write_to(pos u64, buf []u8) !int {
	before := f.tell()!
	f.seek(i64(pos), .start)!
	written := f.write(buf)!
	f.seek(before, .start)!
	return written
}

pub fn (f &File) read(mut buf []u8) !int {
	if buf.len == 0 {
		return Eof{}
	}
	text := take(f.handle, buf.len) or { return Eof{} }
	for i in 0 .. text.len {
		buf[i] = text[i]
	}
	return text.len
}

pub fn (f &File) read_bytes(size int) []u8 {
	return (take(f.handle, size) or { '' }).bytes()
}

pub fn (f &File) read_bytes_at(size int, pos u64) []u8 {
	return (take_at(f.handle, pos, size) or { '' }).bytes()
}

pub fn (f &File) read_line() !string {
	return take_line(f.handle) or { return Eof{} }
}

pub fn (mut f File) seek(pos i64, mode SeekMode) ! {
	if !f.is_opened {
		return FileNotOpenedError{}
	}
	if move_to(f.handle, pos, int(mode)) < 0 {
		return error('Invalid argument')
	}
}

pub fn (f &File) tell() !i64 {
	return move_to(f.handle, 0, 1)
}
