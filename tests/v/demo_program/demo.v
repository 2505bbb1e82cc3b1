// A program for the machine: arguments, a file beside it, floats, large integers, threads.
import os
import math

struct Word {
	text string
mut:
	count int
}

type Shape = Circle | Square

struct Circle {
	radius f64
}

struct Square {
	side f64
}

fn area(s Shape) f64 {
	return match s {
		Circle { math.pi * s.radius * s.radius }
		Square { s.side * s.side }
	}
}

fn words(text string) []Word {
	mut counts := map[string]int{}
	for word in text.to_lower().fields() {
		counts[word.trim('.,')]++
	}
	mut found := []Word{}
	for key, count in counts {
		found << Word{key, count}
	}
	found.sort(a.count > b.count || (a.count == b.count && a.text < b.text))
	return found
}

fn sieve(limit int) []int {
	mut composite := []bool{len: limit}
	mut primes := []int{}
	for i in 2 .. limit {
		if composite[i] {
			continue
		}
		primes << i
		for j := i * i; j < limit; j += i {
			composite[j] = true
		}
	}
	return primes
}

fn add(shared total []int, n int) {
	lock total {
		total << n
	}
}

fn main() {
	text := os.read_file(os.args[1]) or {
		println('no file: ${err}')
		exit(3)
	}
	for word in words(text)#[..3] {
		println('${word.text:-8}${word.count:3}')
	}
	println(sieve(60))
	mut a, mut b := i64(0), i64(1)
	for _ in 0 .. 92 {
		a, b = b, a + b
	}
	println('${a} and one too far ${b}')
	for shape in [Shape(Circle{1.5}), Square{2.5}] {
		println('${shape.type_name()} ${area(shape):.6f}')
	}
	shared total := []int{}
	mut threads := []thread{}
	for i in 0 .. 8 {
		threads << spawn add(shared total, i * i)
	}
	threads.wait()
	rlock total {
		mut sorted := total.clone()
		sorted.sort()
		println(sorted)
	}
}
