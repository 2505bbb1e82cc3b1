// Module encoding.base64 without pointers. What is no digit counts as zero, as in V.
module base64

@[erlang: 'v_base64:encode']
pub fn encode_str(data string) string

@[erlang: 'v_base64:decode']
pub fn decode_str(data string) string

pub fn encode(data []u8) string {
	return encode_str(data.bytestr())
}

pub fn decode(data string) []u8 {
	return decode_str(data).bytes()
}
