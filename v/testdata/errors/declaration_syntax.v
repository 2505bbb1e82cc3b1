fn generic[a](x a) {}

fn long[Item](x Item) {}

fn twice[A, A](x A) {}

fn types_only(int) {}

fn many(mut rest ...string) {}

fn two() int, int {
	return 1, 2
}

fn (p Point) += (q Point) Point {
	return p
}

fn + (n int) int {
	return n
}

fn takes(c chan) {}

fn listed(a []map) {}

fn internal(a array) {}

fn capital(Name string) {}

@[inline; inline]
fn attributed() {}

@[]
fn unattributed() {}

fn (p Point) Point.make() Point {
	return Point{}
}

struct A {}

struct Bodyless

struct Point {
	x int | string
}

struct Section {
	mut list []int
}

struct Late {
	x int
	Point
}

struct Again {
	Point
	Point
}

type Same = Same

type Ref[T] = &T

type Odd = int | none

type Calls = fn (int) Calls

interface Shape {
	area() int
	area() int
}

const one, two = 1
