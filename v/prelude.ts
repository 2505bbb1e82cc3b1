// The part of V's builtin module that is itself V: error values. Parsed with every program.

export const preludeSource = `
pub interface IError {
	msg() string
	code() int
}

pub enum ChanState {
	success
	not_ready
	closed
}

pub struct Error {}

pub fn (e Error) msg() string {
	return ''
}

pub fn (e Error) code() int {
	return 0
}

struct None__ {
	Error
}

pub fn (e None__) str() string {
	return 'none'
}

struct MessageError {
	msg  string
	code int
}

pub fn (e MessageError) msg() string {
	return e.msg
}

pub fn (e MessageError) str() string {
	if e.code > 0 {
		return '\${e.msg}; code: \${e.code}'
	}
	return e.msg
}

pub fn (e MessageError) code() int {
	return e.code
}

pub fn error(message string) IError {
	return MessageError{
		msg: message
	}
}

pub fn error_with_code(message string, code int) IError {
	return MessageError{
		msg:  message
		code: code
	}
}
`;
