// Strings: bytes, slices, runes, methods, escapes, interpolation with every kind of format.
fn main() {
	s := 'Hello, World'
	println(s.len)
	println(s[0])
	println(s[7..])
	println(s[..5] + '!' + s[5..7])
	println(s.to_upper() + s.to_lower())
	println(s.contains('World'))
	println(s.starts_with('Hell') && s.ends_with('ld'))
	println(s.index('o') or { -1 })
	println(s.index('z') or { -1 })
	println(s.replace('l', 'L'))
	println(s.split(', '))
	println('  trim me '.trim_space() + '|')
	println('a,b,,c'.split(','))
	println('x'.repeat(5))
	println('abc'.reverse())
	println('héllo'.len)
	println('héllo'.runes().len)
	println('héllo'.runes())
	for r in 'aé'.runes() {
		print('${r}.')
	}
	println('')
	println('tab\there \x41 \u00e9 \\ \'quoted\' \$')
	println("double 'inner'")
	println(r'raw \n ${x}')
	println('12'.int() + '30abc'.int() + 'abc'.int())
	println('2.5'.f64() * 2)
	println('a' < 'b' && 'abc' > 'ab')
	println('one two'.fields())
	println('l1\nl2\nl3'.split_into_lines())
	n := 255
	f := 3.14159
	println('${n} ${n:x} ${n:X} ${n:b} ${n:o} ${n:08} ${n:8d}| ${n:-8d}| ${n:+d}')
	println('${f:.2} ${f:10.3f}| ${f:-10.1f}| ${f:e}')
	println('${s:20}| ${s:-20}|')
	println('${`x`} ${n:c}')
	name := 'V'
	println('nested ${'inner ${name}'} ${if n > 3 { 'yes' } else { 'no' }}')
	println('${[1, 2]} ${true} ${i64(-5)}')
	println('a' + 'b' + 'c')
	mut acc := ''
	for i in 0 .. 5 {
		acc += i.str()
	}
	println(acc)
	println('CamelCase'.to_lower().capitalize())
	println('key=value'.all_before('=') + ' ' + 'key=value'.all_after('='))
	println('aXbXc'.count('X'))
	println('abc'.bytes())
	println([u8(104), 105].bytestr())
	println('%d percent stays')
	println('multi
line')
	println('abc'.contains_any('xyzc'))
	println(`é`.str().len)
	println(u8(65).ascii_str())
	println('ab'.str() == 'ab')
	println(''.len == 0)
}
