// Of V's own compiler, what its library module flag asks for: the numbers of types that
// `field.typ` gives.
module ast

pub const i8_type = 5
pub const i16_type = 6
pub const i32_type = 7
pub const int_type = 8
pub const i64_type = 9
pub const isize_type = 10
pub const u8_type = 11
pub const u16_type = 12
pub const u32_type = 13
pub const u64_type = 14
pub const usize_type = 15
pub const f32_type = 16
pub const f64_type = 17
pub const char_type = 18
pub const bool_type = 19
pub const string_type = 21
pub const rune_type = 22
