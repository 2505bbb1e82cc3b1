// Module term on the BEAM: where standard output is no terminal, questions to one have the answers
// that V gives there, and nothing is sent.
module term

import os

fn is_terminal() bool {
	return os.is_atty(1) > 0 && os.getenv('TERM') != 'dumb'
}

@[erlang: 'v_os:terminal_size']
fn terminal_size() (int, int)

// get_terminal_size gives columns and rows.
pub fn get_terminal_size() (int, int) {
	if !is_terminal() {
		return default_columns_size, default_rows_size
	}
	columns, rows := terminal_size()
	return columns, rows
}

// get_cursor_position would have to read the terminal's answer byte by byte, before the end of a
// line: Erlang's input gives whole lines.
pub fn get_cursor_position() !Coord {
	return Coord{0, 0}
}

fn send(sequence string) bool {
	if !is_terminal() {
		return false
	}
	print(sequence)
	return true
}

pub fn set_terminal_title(title string) bool {
	return send('\x1b]0;${title}\x07')
}

pub fn set_tab_title(title string) bool {
	return send('\x1b]30;${title}\x07')
}

pub fn clear() bool {
	return send('\x1b[2J\x1b[H')
}

pub fn supports_sixel() bool {
	return is_terminal() && os.getenv('TERM') == 'yaft'
}

pub fn graphics_num_colors() u16 {
	return if supports_sixel() { 256 } else { 0 }
}

@[erlang: 'v_os:echo']
pub fn enable_echo(enable bool)

@[params]
pub struct KeyPressedParams {
pub mut:
	blocking bool
	echo     bool
}

// key_pressed gives -1 where no single keys can be read; waiting for one reads a character.
pub fn key_pressed(params KeyPressedParams) i64 {
	if !params.blocking || !is_terminal() {
		return -1
	}
	return i64(input_character())
}
