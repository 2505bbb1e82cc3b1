// The less common methods of strings, bytes and runes, one line each.
fn main() {
	s := 'one two three'
	println(s.replace_each(['one', '1', 'two', '2']))
	println('{1}-{0}-{7}-{{}}'.format('a', 'b'))
	println('a.b.c'.replace_char(`.`, `-`, 2))
	println('a\tbc\td'.expand_tabs(4) + '|')
	println('0x0aff'.u8_array())
	println('a/b/c'.rsplit('/'))
	println('a/b,c'.rsplit_any('/,'))
	println('a/b/c'.rsplit_nth('/', 2))
	left, right := 'a/b/c'.rsplit_once('/') or { '', '' }
	println('${left} ${right}')
	println(s.substr_or(1, 99, 'none') + s.substr_ni(-5, 99))
	println(s.substr_with_check(0, 99) or { err.msg() })
	println(s[0..99] or { 'cut' })
	println('${s.index_('two')} ${s.index_('x')} ${s.index_after_('e', 3)} ${s.last_index_u8(`e`)}')
	println([s.contains_u8(`w`), s.contains_only('a'), s.contains_any_substr(['x', 'two']),
		'Abc'.starts_with_capital(), 'Ab Cd'.is_title(), '0o17'.is_oct(), '-0b1'.is_bin(),
		'0xZ'.is_hex(), 'a_1'.is_identifier(), 'ä'.is_pure_ascii()])
	from, to := '  x '.trim_indexes(' ')
	println('${from} ${to} ${'k=v'.after_char(`=`)}')
	println('a\n  |b\n  |c'.strip_margin())
	println('\n  in\n    out\n'.trim_indent())
	println(['v.v'.match_glob('*.v'), 'v.c'.match_glob('?.[ab]'), 'v.c'.match_glob('?.[^ab]')])
	println('someHTTPName2'.camel_to_snake() + ' ' + 'snake_case_name'.snake_to_camel())
	println('hi'.hex() + ' ' + 'the quick brown fox'.wrap(width: 10, end: '/'))
	println('Ünï'.to_upper() + 'Ünï'.to_upper_ascii() + 'ünï'.capitalize() + 'ÄB'.to_lower())
	println('e\u0301a'.graphemes().len)
	println('äxä'.trim('ä') + 'abc'.split_nth('', 2).str() + 'abc'.hash().str())
	println(`x`.str() + u8(10).str_escaped() + u8(200).str_escaped() + `ß`.bytes().len.str())
	println(`é`.to_upper().str() + `é`.length_in_bytes().str() + rune(0xd800).length_in_bytes().str())
	println('${compare_strings('a', 'b')} ${utf8_char_len(0xe2)} ${f64_max(1.5, 2.5)} ${int_min(3, 2)}')
}
