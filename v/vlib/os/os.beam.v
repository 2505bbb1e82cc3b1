// Module os: the arguments, the environment and the console.
module os

pub const args = arguments()

@[erlang: 'v_os:arguments']
pub fn arguments() []string

@[erlang: 'v_os:getenv']
pub fn getenv(name string) string

@[erlang: 'v_os:get_line']
pub fn get_line() string

@[erlang: 'v_os:get_line_opt']
pub fn raw_line() ?string

pub fn input(prompt string) string {
	print(prompt)
	return raw_line() or { '<EOF>' }
}

pub fn input_opt(prompt string) ?string {
	print(prompt)
	return raw_line()
}
