// Module json on V's own module json2. `json.decode(T, text)` is written without brackets; the
// compiler makes it `decode[T](text)`.
module json

import json2

pub fn decode[T](text string) !T {
	return json2.decode[T](text)
}

pub fn encode[T](value T) string {
	return json2.encode(value)
}

pub fn encode_pretty[T](value T) string {
	return json2.encode(value, prettify: true)
}
