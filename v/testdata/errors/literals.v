fn main() {
	a := 0x_10
	b := 1__0
	c := ``
	d := `ab`
	e := '\q'
	f := w'text'
	g := '\uD800'
	println('${a} ${b} ${c} ${d} ${e} ${f} ${g}')
}
