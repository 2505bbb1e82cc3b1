// The step of wyhash: a product of 128 bits, its halves combined.
module hash

@[erlang: 'v_int:wymum']
pub fn wymum(a u64, b u64) u64
