// What V's own generator wyrand needs of its platform.
module wyrand

import hash

pub fn (mut rng WyRandRNG) u64() u64 {
	rng.state += wyp0
	return hash.wymum(rng.state ^ wyp1, rng.state)
}

pub fn (mut rng WyRandRNG) free() {
}
