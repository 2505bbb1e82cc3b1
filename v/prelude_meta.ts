// The structs of V's builtin module that describe declarations to compile-time loops.

export const metaSource = `
pub enum AttributeKind {
	plain
	string
	number
	bool
	comptime_define
}

pub struct VAttribute {
pub:
	name    string
	has_arg bool
	arg     string
	kind    AttributeKind
}

pub struct EnumData {
pub:
	name  string
	value i64
	attrs []string
}

pub struct FunctionParam {
pub:
	typ  int
	name string
}

pub struct FunctionData {
pub:
	name        string
	location    string
	attrs       []string
	attributes  []VAttribute
	args        []FunctionParam
	return_type int
	typ         int
}

pub struct FieldData {
pub:
	name          string
	typ           int
	unaliased_typ int
	attrs         []string
	is_pub        bool
	is_mut        bool
	is_embed      bool
	is_shared     bool
	is_atomic     bool
	is_option     bool
	is_array      bool
	is_map        bool
	is_chan       bool
	is_enum       bool
	is_struct     bool
	is_alias      bool
	indirections  u8
}

pub struct VariantData {
pub:
	typ int
}
`;

/** What `$embed_file` gives. */
export const embedSource = `
pub struct EmbeddedFile__ {
	content string
pub:
	apath string
	len   int
	path  string
}

pub fn (d EmbeddedFile__) to_string() string {
	return d.content
}

pub fn (d EmbeddedFile__) to_bytes() []u8 {
	return d.content.bytes()
}

pub fn (d EmbeddedFile__) str() string {
	return 'embed_file.EmbedFileData{ len: \${d.len}, path: "\${d.path}", apath: "\${d.apath}", uncompressed: 0x0 }'
}
`;
