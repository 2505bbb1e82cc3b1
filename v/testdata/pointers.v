// Pointers into arrays and texts, which unsafe code moves and writes through.

struct Point {
mut:
	x f64
	y f64
}

struct Image {
	width int
mut:
	data &Point = unsafe { nil }
}

fn fill(mut image Image, n int) {
	for i in 0 .. n {
		unsafe {
			image.data[i] = Point{
				x: i
				y: image.data[i].y + 0.5
			}
			image.data[i].x += 100
		}
	}
}

fn sum(numbers &int, count int) int {
	mut total := 0
	for i in 0 .. count {
		total += unsafe { numbers[i] }
	}
	return total
}

fn main() {
	mut bytes := 'hello, world'.bytes()
	unsafe {
		p := &u8(bytes.data)
		println(tos(p, 5))
		q := p + 7
		println(q.vstring_with_len(5))
		println(*q)
		println(q - p)
		mut w := &u8(bytes.data)
		w[0] = `J`
		vmemcpy(&bytes[7], 'earth'.str, 5)
		vmemset(&bytes[5], `.`, 2)
	}
	println(bytes.bytestr())

	mut memory := unsafe { malloc(8) }
	unsafe {
		vmemset(memory, `-`, 8)
		vmemcpy(memory, 'abc'.str, 3)
		memory[7] = `!`
		println(tos(memory, 8))
	}

	numbers := [1, 2, 3, 4, 5]
	println(sum(&numbers[1], 3))
	mut target := []int{len: 5}
	unsafe { vmemcpy(&target[1], &numbers[0], 3 * sizeof(int)) }
	println(target)
	mut more := [9]
	unsafe { more.push_many(numbers.data, 2) }
	println(more)

	mut image := Image{
		width: 3
		data:  unsafe { &Point(vcalloc(int(sizeof(Point)) * 3)) }
	}
	fill(mut image, 3)
	fill(mut image, 2)
	println(unsafe { image.data[1] })
	println(unsafe { image.data[2].x })
	unsafe { println(&u8(bytes.data)[200]) }
}
