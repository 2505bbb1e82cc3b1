// Shortest paths in a random graph, with a binary heap in an array.
struct Edge {
	to     int
	length int
}

struct Entry {
	distance int
	node     int
}

fn push(mut heap []Entry, entry Entry) {
	heap << entry
	mut i := heap.len - 1
	for i > 0 {
		up := (i - 1) / 2
		if heap[up].distance <= entry.distance {
			break
		}
		heap[i] = heap[up]
		i = up
	}
	heap[i] = entry
}

fn pop(mut heap []Entry) Entry {
	first := heap[0]
	last := heap.pop()
	if heap.len == 0 {
		return first
	}
	mut i := 0
	for {
		mut child := 2 * i + 1
		if child >= heap.len {
			break
		}
		if child + 1 < heap.len && heap[child + 1].distance < heap[child].distance {
			child++
		}
		if heap[child].distance >= last.distance {
			break
		}
		heap[i] = heap[child]
		i = child
	}
	heap[i] = last
	return first
}

fn shortest(graph [][]Edge, from int) []int {
	mut distances := []int{len: graph.len, init: max_int}
	mut heap := []Entry{}
	distances[from] = 0
	push(mut heap, Entry{0, from})
	for heap.len > 0 {
		nearest := pop(mut heap)
		if nearest.distance > distances[nearest.node] {
			continue
		}
		for edge in graph[nearest.node] {
			distance := nearest.distance + edge.length
			if distance < distances[edge.to] {
				distances[edge.to] = distance
				push(mut heap, Entry{distance, edge.to})
			}
		}
	}
	return distances
}

fn main() {
	nodes := 10000
	mut seed := u32(7)
	mut graph := [][]Edge{len: nodes}
	for i in 0 .. nodes {
		for _ in 0 .. 5 {
			seed = seed * 1664525 + 1013904223
			to := int((seed >> 8) % u32(nodes))
			seed = seed * 1664525 + 1013904223
			graph[i] << Edge{to, int((seed >> 8) % 100) + 1}
		}
	}
	mut sum := 0
	for d in shortest(graph, 0) {
		if d < max_int {
			sum += d
		}
	}
	println(sum)
}
