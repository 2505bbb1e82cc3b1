fn must(ok bool) !string {
	if ok {
		return 'fine'
	}
	return error('not ok')
}

fn main() {
	println(must(true)!)
	println(must(false)!)
}
