fn test_sum() {
	assert 1 + 1 == 2
}

fn test_text() {
	assert 'a' + 'b' == 'ab'
}
