// Trees that are built, counted and dropped: a recursive sum type.
struct Leaf {}

struct Node {
	left  Tree
	right Tree
}

type Tree = Leaf | Node

fn build(depth int) Tree {
	if depth == 0 {
		return Leaf{}
	}
	return Node{
		left:  build(depth - 1)
		right: build(depth - 1)
	}
}

fn count(tree Tree) int {
	return match tree {
		Leaf { 1 }
		Node { 1 + count(tree.left) + count(tree.right) }
	}
}

fn main() {
	max := 14
	println('stretch ${count(build(max + 1))}')
	long := build(max)
	for depth := 4; depth <= max; depth += 2 {
		rounds := 1 << (max - depth + 4)
		mut sum := 0
		for _ in 0 .. rounds {
			sum += count(build(depth))
		}
		println('${rounds} trees of depth ${depth}: ${sum}')
	}
	println('long ${count(long)}')
}
