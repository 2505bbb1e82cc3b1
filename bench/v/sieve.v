// The sieve of Eratosthenes: a large array of flags that is written in nested loops.
fn main() {
	n := 500000
	mut composite := []bool{len: n + 1}
	mut count := 0
	for i := 2; i <= n; i++ {
		if composite[i] {
			continue
		}
		count++
		if i <= n / i {
			for j := i * i; j <= n; j += i {
				composite[j] = true
			}
		}
	}
	println(count)
}
