// The names that `$if` knows without a `-d`.

/**
 * The systems, compilers, processors and features that conditions can name. We are a platform of
 * our own, little-endian and 64 bits wide, so that no other system's or C compiler's code is taken.
 */
const systemNames: ReadonlySet<string> = new Set(
  (
    'windows ios macos mac mach darwin hpux gnu qnx linux freebsd openbsd netbsd bsd dragonfly ' +
    'android termux solaris haiku serenity vinix plan9 wasm32_emscripten ' +
    'gcc tinyc clang mingw msvc cplusplus ' +
    'amd64 i386 aarch64 arm64 arm32 rv64 rv32 s390x ppc64le loongarch64 sparc64 ppc64 ppc ' +
    'x64 x32 little_endian big_endian ' +
    'apk js debug prod test glibc prealloc no_bounds_checking freestanding threads js_node ' +
    'js_browser js_freestanding interpreter es5 profile wasm32 wasm32_wasi fast_math autofree ' +
    'native gcboehm beam posix unix'
  ).split(' '),
);
const trueNames: ReadonlySet<string> = new Set(['beam', 'x64', 'amd64', 'little_endian']);

/** Undefined for a name that is none of the system's. */
export function systemFlag(name: string): boolean | undefined {
  return systemNames.has(name) ? trueNames.has(name) : undefined;
}
