// The sieve of Eratosthenes.
fn primes_below(limit int) []int {
	mut composite := []bool{len: limit}
	mut primes := []int{}
	for n in 2 .. limit {
		if composite[n] {
			continue
		}
		primes << n
		for m := n * n; m < limit; m += n {
			composite[m] = true
		}
	}
	return primes
}

fn main() {
	primes := primes_below(1000)
	println('${primes.len} primes below 1000')
	println('the first ten: ${primes[..10]}')
	println('the last: ${primes.last()}')
}
