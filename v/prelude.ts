// The part of V's builtin module that is itself V: error values. Parsed with every program.

import { embedSource, metaSource } from './prelude_meta.ts';

export const preludeSource = `
pub const min_i8 = i8(-128)
pub const max_i8 = i8(127)
pub const min_i16 = i16(-32768)
pub const max_i16 = i16(32767)
pub const min_i32 = i32(-2147483648)
pub const max_i32 = i32(2147483647)
pub const min_int = int(-2147483648)
pub const max_int = int(2147483647)
pub const min_i64 = i64(-9223372036854775807) - 1
pub const max_i64 = i64(9223372036854775807)
pub const min_u8 = u8(0)
pub const max_u8 = u8(255)
pub const min_u16 = u16(0)
pub const max_u16 = u16(65535)
pub const min_u32 = u32(0)
pub const max_u32 = u32(4294967295)
pub const min_u64 = u64(0)
pub const max_u64 = u64(18446744073709551615)

pub const error_sentinel = IError(MessageError{
	msg: 'error'
})

pub interface IError {
	msg() string
	code() int
}

pub struct SliceIndex {
pub:
	is_range bool
	value    int
	low      int
	high     int
	has_low  bool
	has_high bool
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

@[noreturn]
pub fn panic_n(s string, number i64) {
	panic('\${s}\${number}')
}

@[noreturn]
pub fn panic_n2(s string, first i64, second i64) {
	panic('\${s}\${first}, \${second}')
}

pub fn int_max(a int, b int) int {
	return if a > b { a } else { b }
}

pub fn int_min(a int, b int) int {
	return if a < b { a } else { b }
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
${metaSource}${embedSource}`;
