fn test_broken() {
	assert undefined_name == 2
}
