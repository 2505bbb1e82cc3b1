// Module os: the arguments, the environment and the console.

const os.args = os.arguments()

@[erlang: 'v_os:arguments']
fn os.arguments() []string

@[erlang: 'v_os:getenv']
fn os.getenv(name string) string

@[erlang: 'v_os:get_line']
fn os.get_line() string

@[erlang: 'v_os:get_line_opt']
fn os.raw_line() ?string

fn os.input(prompt string) string {
	print(prompt)
	return os.raw_line() or { '<EOF>' }
}

fn os.input_opt(prompt string) ?string {
	print(prompt)
	return os.raw_line()
}
