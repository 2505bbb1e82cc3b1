// A binary search tree as a recursive sum type.
struct Leaf {}

struct Branch {
	value int
	left  Tree
	right Tree
}

type Tree = Branch | Leaf

fn insert(tree Tree, value int) Tree {
	return match tree {
		Leaf {
			Tree(Branch{value, tree, tree})
		}
		Branch {
			if value < tree.value {
				Tree(Branch{
					...tree
					left: insert(tree.left, value)
				})
			} else {
				Tree(Branch{
					...tree
					right: insert(tree.right, value)
				})
			}
		}
	}
}

fn values(tree Tree) []int {
	return match tree {
		Leaf {
			[]int{}
		}
		Branch {
			mut list := values(tree.left)
			list << tree.value
			list << values(tree.right)
			list
		}
	}
}

fn depth(tree Tree) int {
	match tree {
		Leaf {
			return 0
		}
		Branch {
			left := depth(tree.left)
			right := depth(tree.right)
			return 1 + if left > right { left } else { right }
		}
	}
}

fn main() {
	mut tree := Tree(Leaf{})
	for n in [42, 17, 65, 8, 23, 99, 50, 1] {
		tree = insert(tree, n)
	}
	println(values(tree))
	println('depth ${depth(tree)}')
}
