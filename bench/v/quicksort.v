// Quicksort in place, of numbers from a generator with 32-bit arithmetic.
fn quicksort(mut list []int, low int, high int) {
	if low >= high {
		return
	}
	pivot := list[(low + high) / 2]
	mut i := low
	mut j := high
	for i <= j {
		for list[i] < pivot {
			i++
		}
		for list[j] > pivot {
			j--
		}
		if i <= j {
			list[i], list[j] = list[j], list[i]
			i++
			j--
		}
	}
	quicksort(mut list, low, j)
	quicksort(mut list, i, high)
}

fn main() {
	n := 100000
	mut seed := u32(1)
	mut list := []int{cap: n}
	for _ in 0 .. n {
		seed = seed * 1664525 + 1013904223
		list << int(seed >> 8)
	}
	quicksort(mut list, 0, n - 1)
	mut sum := i64(0)
	for i, x in list {
		sum += i64(i % 7) * x
	}
	println(sum)
}
