fn helper() int {
	return 1
}
