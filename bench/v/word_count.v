// Words of a text, counted in a map and sorted.
fn text(lines int) string {
	words := ['the', 'quick', 'brown', 'fox', 'jumps', 'over', 'a', 'lazy', 'dog', 'and', 'runs',
		'away']
	mut seed := u32(3)
	mut parts := []string{}
	for _ in 0 .. lines {
		mut line := []string{}
		for _ in 0 .. 10 {
			seed = seed * 1664525 + 1013904223
			line << words[int((seed >> 8) % u32(words.len))] + ((seed >> 20) % 50).str()
		}
		parts << line.join(' ')
	}
	return parts.join('\n')
}

fn main() {
	mut counts := map[string]int{}
	for line in text(5000).split('\n') {
		for word in line.split(' ') {
			counts[word]++
		}
	}
	mut words := counts.keys()
	words.sort()
	for word in words[..5] {
		println('${word}: ${counts[word]}')
	}
	println(words.len)
}
