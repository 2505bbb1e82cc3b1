// Module os: arguments, the environment, the console.
module os

pub const args = arguments()
pub const path_separator = '/'
pub const path_delimiter = ':'
pub const path_devnull = '/dev/null'
pub const max_path_len = 4096
pub const wd_at_startup = getwd()

const o_binary = 0
const o_rdonly = 0
const o_wronly = 1
const o_rdwr = 2
const o_create = 0o100
const o_excl = 0o200
const o_noctty = 0o400
const o_trunc = 0o1000
const o_append = 0o2000
const o_nonblock = 0o4000
const o_sync = 0o4010000

@[erlang: 'v_os:arguments']
pub fn arguments() []string

// --- the environment -----------------------------------------------------------------------------

@[erlang: 'v_os:getenv_opt']
pub fn getenv_opt(key string) ?string

pub fn getenv(key string) string {
	return getenv_opt(key) or { '' }
}

@[erlang: 'v_os:setenv']
fn put_env(name string, value string)

pub fn setenv(name string, value string, overwrite bool) int {
	if overwrite || getenv_opt(name) == none {
		put_env(name, value)
	}
	return 0
}

@[erlang: 'v_os:unsetenv']
pub fn unsetenv(name string) int

@[erlang: 'v_os:environ']
fn environment() []string

pub fn environ() map[string]string {
	mut known := map[string]string{}
	for row in environment() {
		known[row.all_before('=')] = row.all_after_first('=')
	}
	return known
}

pub fn user_os() string {
	return 'beam'
}

@[erlang: 'v_os:getpid']
pub fn getpid() int

@[erlang: 'v_os:hostname']
fn host() string

pub fn hostname() !string {
	return host()
}

pub fn loginname() !string {
	return getenv_opt('USER') or { error('loginname: not known') }
}

pub fn home_dir() string {
	return getenv('HOME')
}

pub fn temp_dir() string {
	return getenv_opt('TMPDIR') or { '/tmp' }
}

pub fn executable() string {
	return if args.len > 0 { abs_path(args[0]) } else { '' }
}

// --- the console -----------------------------------------------------------------------------------

// A line with its end; empty at the end of the input.
@[erlang: 'v_os:get_raw_line']
pub fn get_raw_line() string

@[erlang: 'v_os:get_line_opt']
fn line_opt() ?string

pub fn get_line() string {
	return line_opt() or { '' }
}

pub fn input_opt(prompt string) ?string {
	print(prompt)
	return line_opt()
}

pub fn input(prompt string) string {
	print(prompt)
	return line_opt() or { '<EOF>' }
}

pub fn get_raw_lines() []string {
	mut lines := []string{}
	for {
		line := get_raw_line()
		if line == '' {
			break
		}
		lines << line
	}
	return lines
}

pub fn get_lines() []string {
	mut lines := []string{}
	for {
		line := line_opt() or { break }
		lines << line
	}
	return lines
}

pub fn get_lines_joined() string {
	return get_lines().join('')
}

pub fn get_raw_lines_joined() string {
	return get_raw_lines().join('')
}

pub fn get_raw_stdin() []u8 {
	return get_raw_lines().join('').bytes()
}

pub fn get_trimmed_lines() []string {
	return get_lines().map(it.trim_space())
}

pub fn flush() {
}

pub fn is_atty(fd int) int {
	return 0
}

// --- what a program on the BEAM cannot do by itself ------------------------------------------------

pub struct Result {
pub:
	exit_code int
	output    string
}

// execute runs a command of the system around, where there is one.
pub fn execute(cmd string) Result {
	code, output := run_command(cmd)
	return Result{
		exit_code: code
		output:    output
	}
}

@[erlang: 'v_os:execute']
fn run_command(cmd string) (int, string)

pub fn system(cmd string) int {
	result := execute(cmd)
	print(result.output)
	return result.exit_code
}

pub fn (mut result Result) free() {
}

pub type SignalHandler = fn (Signal)

// signal_opt has nothing to set: a BEAM process gets messages, not signals.
pub fn signal_opt(signum Signal, handler SignalHandler) !SignalHandler {
	return error('signals are not delivered to V programs on the BEAM')
}

pub enum Signal {
	hup  = 1
	int  = 2
	quit = 3
	ill  = 4
	trap = 5
	abrt = 6
	bus  = 7
	fpe  = 8
	kill = 9
	usr1 = 10
	segv = 11
	usr2 = 12
	pipe = 13
	alrm = 14
	term = 15
	stkflt = 16
	chld = 17
	cont = 18
	stop = 19
	tstp = 20
	ttin = 21
	ttou = 22
	urg  = 23
	xcpu = 24
	xfsz = 25
	vtalrm = 26
	prof = 27
	winch = 28
	poll = 29
	pwr  = 30
	sys  = 31
}

@[erlang: 'v_time:sleep']
fn sleep_ns(nanoseconds i64)

fn sleep_ms(ms i64) {
	sleep_ns(ms * 1_000_000)
}
