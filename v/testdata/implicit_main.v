fn square(n int) int {
	return n * n
}

println(square(12))
mut total := 0
for i in 0 .. 4 {
	total += square(i)
}
println(total)
