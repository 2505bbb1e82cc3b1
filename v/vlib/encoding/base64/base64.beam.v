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

// encode_in_buffer writes the digits to where the buffer leads; how many they are.
pub fn encode_in_buffer(data []u8, buffer &u8) int {
	text := encode(data)
	unsafe { vmemcpy(buffer, text.str, text.len) }
	return text.len
}

pub fn decode_in_buffer(data &string, buffer &u8) int {
	text := decode_str(*data)
	unsafe { vmemcpy(buffer, text.str, text.len) }
	return text.len
}

pub fn decode_in_buffer_bytes(data []u8, buffer &u8) int {
	text := data.bytestr()
	return decode_in_buffer(&text, buffer)
}
