// Counts words with a map and shows the most frequent ones.
const text = 'the quick brown fox jumps over the lazy dog the fox barks and the dog runs'

struct Entry {
	word  string
	count int
}

fn main() {
	mut counts := map[string]int{}
	for word in text.split(' ') {
		counts[word]++
	}
	mut entries := []Entry{}
	for word, count in counts {
		entries << Entry{word, count}
	}
	entries.sort(a.count > b.count)
	for entry in entries[..4] {
		println('${entry.word:-6} ${entry.count:3}')
	}
}
