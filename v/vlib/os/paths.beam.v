// Names of files: taking them apart and putting them together, without a look at the disk.
module os

// base is the last part of a path.
pub fn base(path string) string {
	if path == '' {
		return '.'
	}
	trimmed := path.trim_right('/')
	if trimmed == '' {
		return '/'
	}
	return trimmed.all_after_last('/')
}

// dir is the path without its last part.
pub fn dir(path string) string {
	if path == '' {
		return '.'
	}
	if !path.contains('/') {
		return '.'
	}
	before := path.all_before_last('/')
	return if before == '' { '/' } else { before }
}

pub fn file_name(path string) string {
	return path.all_after_last('/')
}

// file_ext is the last extension with its dot; a name that only begins with a dot has none.
pub fn file_ext(path string) string {
	name := file_name(path)
	dot := name.last_index('.') or { return '' }
	if dot == 0 || dot == name.len - 1 || name.trim_left('.') == '' {
		return ''
	}
	return name[dot..]
}

// split_path gives folder, name without extension, and extension.
pub fn split_path(path string) (string, string, string) {
	if path == '' {
		return '.', '', ''
	}
	if path == '.' || path == '..' {
		return path, '', ''
	}
	name := file_name(path)
	folder := if path.contains('/') { dir(path) } else { '.' }
	if name == '' {
		return path.trim_right('/'), '', ''
	}
	if name == '..' || name == '.' {
		return path, '', ''
	}
	ext := file_ext(path)
	return folder, name[..name.len - ext.len], ext
}

pub fn is_abs_path(path string) bool {
	return path.starts_with('/')
}

pub fn join_path(base string, dirs ...string) string {
	mut joined := base.trim_right('\\/')
	for part in dirs {
		if part != '' {
			joined += '/' + part
		}
	}
	return cleaned(base, joined)
}

pub fn join_path_single(base string, elem string) string {
	start := base.trim_right('\\/')
	return cleaned(base, if elem == '' { start } else { start + '/' + elem })
}

// What is joined has plain slashes, no empty parts and no `.` inside; after nothing it is relative.
fn cleaned(base string, joined string) string {
	mut path := joined.replace('\\', '/')
	for path.contains('//') {
		path = path.replace('//', '/')
	}
	for path.contains('/./') {
		path = path.replace('/./', '/')
	}
	return if base == '' { path.trim_left('/') } else { path }
}

// norm_path removes `.`, resolves `..` and repeated slashes.
pub fn norm_path(path string) string {
	if path == '' {
		return '.'
	}
	rooted := path.starts_with('/')
	mut parts := []string{}
	for part in path.split('/') {
		if part == '' || part == '.' {
			continue
		}
		if part == '..' {
			if parts.len > 0 && parts.last() != '..' {
				parts.pop()
				continue
			}
			if rooted {
				continue
			}
		}
		parts << part
	}
	joined := parts.join('/')
	if rooted {
		return '/' + joined
	}
	return if joined == '' { '.' } else { joined }
}

pub fn abs_path(path string) string {
	if path == '' {
		return getwd()
	}
	if is_abs_path(path) {
		return norm_path(path)
	}
	return norm_path(join_path_single(getwd(), path))
}

pub fn quoted_path(path string) string {
	return if path.ends_with('/') { "'${path}.'" } else { "'${path}'" }
}

pub fn expand_tilde_to_home(path string) string {
	if path == '~' {
		return home_dir()
	}
	if path.starts_with('~/') {
		return home_dir() + path[1..]
	}
	return path
}
