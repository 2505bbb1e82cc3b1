// Files, folders and their names.
import os

fn main() {
	dir := os.join_path(os.temp_dir(), 'v_files_${os.getpid()}')
	os.mkdir_all(os.join_path(dir, 'a', 'b')) or { panic(err) }
	path := os.join_path(dir, 'a', 'lines.txt')
	os.write_file(path, 'one\ntwo\n')!
	println(os.read_lines(path)!)
	println(os.file_size(path))
	println(os.ls(os.join_path(dir, 'a'))!)
	os.cp(path, os.join_path(dir, 'a', 'b'))!
	os.mv(path, os.join_path(dir, 'moved'))!
	println('${os.exists(path)} ${os.is_file(os.join_path(dir, 'moved'))}')
	println(os.walk_ext(dir, '.txt').map(os.file_name(it)))
	os.read_file(path) or { println(err.msg().replace(dir, 'DIR')) }
	os.mkdir(dir) or { println(err) }
	mut f := os.open_file(path, 'w+')!
	f.writeln('first line')!
	f.write_string('second')!
	f.seek(6, .start)!
	println(f.read_bytes(4).bytestr())
	println(f.tell()!)
	f.close()
	f.write_string('late') or { println(err) }
	mut appended := os.open_append(path)!
	appended.write_string(' and more')!
	appended.close()
	println(os.read_file(path)!)
	os.rmdir_all(dir)!
	println(os.is_dir(dir))

	println(os.base('/x/y.tar.gz') + ' ' + os.dir('/x/y.tar.gz') + ' ' + os.file_ext('/x/y.tar.gz'))
	println(os.norm_path('a/./b/../c//d'))
	println(os.split_path('/usr/lib/file.so'))
	os.setenv('V_FILES_TEST', 'set', true)
	println(os.getenv('V_FILES_TEST'))
	os.unsetenv('V_FILES_TEST')
	println(os.getenv_opt('V_FILES_TEST') or { 'unset' })
}
