/*
 * What the C that native/ emits stands on: integer and float types, linear memory, and the
 * instructions of WebAssembly that are more than a C operator. Freestanding; needs nothing but a
 * compiler for x86-64.
 *
 * The includer defines first
 *   VM_MEMORY_BASE   address of linear memory's byte 0, a constant (tables/memory_map.ts); 8 GiB
 *                    from there are
 *                    reserved, and what is not backed is unmapped, so that an access needs no
 *                    bounds check;
 *   VM_TRAP_*        trap codes (tables/wasm_traps.ts);
 *   VM_ACCESS        `volatile` when every access to memory and globals must happen in order, even
 *                    one whose result is
 *                    unused (tests that look at a module after a page fault), otherwise empty;
 *   VM_GROW_HOOK     when vm_memory_grow is somebody else's function (tests);
 *   VM_DEFINE_MEMORY_FUNCTIONS in exactly one unit of a program without a C library.
 *
 * The host layer defines vm_trap. Floating point keeps WebAssembly's rules to the bit, NaNs
 * included: the units are compiled with -ffp-exception-behavior=maytrap, which stops the compiler
 * from turning x * 1.0 into x (a signalling NaN would survive), and with -ffp-contract=off.
 */
#ifndef VM_RUNTIME_H
#define VM_RUNTIME_H

typedef unsigned char u8;
typedef signed char s8;
typedef unsigned short u16;
typedef short s16;
typedef unsigned int u32;
typedef int s32;
typedef unsigned long u64;
typedef long s64;
typedef float f32;
typedef double f64;
typedef unsigned long vm_size;

/* Linear memory knows neither alignment nor types. */
#define VM_ANY(type) typedef type __attribute__((aligned(1), may_alias)) any_##type
VM_ANY(u8);
VM_ANY(s8);
VM_ANY(u16);
VM_ANY(s16);
VM_ANY(u32);
VM_ANY(s32);
VM_ANY(u64);
VM_ANY(f32);
VM_ANY(f64);

#define VM_INLINE static inline __attribute__((always_inline, unused))
#define VM_COLD __attribute__((cold, noinline))

#define VM_ADDRESS(index, offset) ((VM_MEMORY_BASE + (u64)(offset)) + (u64)(u32)(index))
#define VM_AT(type, index, offset) (*(VM_ACCESS any_##type *)VM_ADDRESS(index, offset))
/* A word that an interrupt writes: read from memory every time. */
#define VM_VOLATILE_AT(type, index, offset) (*(volatile any_##type *)VM_ADDRESS(index, offset))

#define VM_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define VM_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* Stops the VM; defined by the nucleus or the Linux host layer. */
__attribute__((noreturn, cold)) extern void vm_trap(u32 code);

/* Bytes of linear memory that exist now, and how far vm_memory_grow may go. */
extern u64 vm_memory_bytes;
extern u64 vm_memory_bytes_max;

extern void *memcpy(void *restrict to, const void *restrict from, vm_size count);
extern void *memmove(void *to, const void *from, vm_size count);
extern void *memset(void *to, int value, vm_size count);
extern int memcmp(const void *left, const void *right, vm_size count);

/* ---- Functions that are called through the table ---- */

/* signature is 0 for an empty slot; the emitter gives equal numbers to equal types only. */
struct vm_function {
  u64 signature;
  void (*address)(void);
};

VM_INLINE void (*vm_indirect(const struct vm_function *table, u32 size, u32 index,
                             u64 signature))(void) {
  if (VM_UNLIKELY(index >= size)) vm_trap(VM_TRAP_UNDEFINED_ELEMENT);
  if (VM_UNLIKELY(table[index].signature != signature))
    vm_trap(table[index].signature ? VM_TRAP_INDIRECT_CALL_TYPE_MISMATCH
                                   : VM_TRAP_UNINITIALIZED_ELEMENT);
  return table[index].address;
}

/* ---- Memory instructions ---- */

VM_INLINE u32 vm_memory_size(void) { return (u32)(vm_memory_bytes >> 16); }

#ifdef VM_GROW_HOOK
extern u32 vm_memory_grow(u32 pages);
#else
VM_INLINE u32 vm_memory_grow(u32 pages) {
  u64 before = vm_memory_bytes, after = before + ((u64)pages << 16);
  if (after > vm_memory_bytes_max) return 0xffffffffu;
  vm_memory_bytes = after;
  return (u32)(before >> 16);
}
#endif

VM_INLINE void vm_check_range(u32 start, u32 count, u64 limit, u32 code) {
  if (VM_UNLIKELY((u64)start + count > limit)) vm_trap(code);
}

VM_INLINE void vm_memory_copy(u32 to, u32 from, u32 count) {
  vm_check_range(to, count, vm_memory_bytes, VM_TRAP_MEMORY_OUT_OF_BOUNDS);
  vm_check_range(from, count, vm_memory_bytes, VM_TRAP_MEMORY_OUT_OF_BOUNDS);
  memmove((void *)VM_ADDRESS(to, 0), (const void *)VM_ADDRESS(from, 0), count);
}

VM_INLINE void vm_memory_fill(u32 to, u32 value, u32 count) {
  vm_check_range(to, count, vm_memory_bytes, VM_TRAP_MEMORY_OUT_OF_BOUNDS);
  memset((void *)VM_ADDRESS(to, 0), (int)(value & 255), count);
}

VM_INLINE void vm_memory_init(const u8 *data, u32 size, u32 to, u32 from, u32 count) {
  vm_check_range(from, count, size, VM_TRAP_MEMORY_OUT_OF_BOUNDS);
  vm_check_range(to, count, vm_memory_bytes, VM_TRAP_MEMORY_OUT_OF_BOUNDS);
  memcpy((void *)VM_ADDRESS(to, 0), data + from, count);
}

/* An active data segment: copied to linear memory before the module starts. */
struct vm_segment {
  const u8 *bytes;
  u32 size, to;
};

VM_INLINE void vm_table_init(struct vm_function *table, u32 size,
                             const struct vm_function *elements, u32 elements_size,
                             u32 to, u32 from, u32 count) {
  vm_check_range(from, count, elements_size, VM_TRAP_TABLE_OUT_OF_BOUNDS);
  vm_check_range(to, count, size, VM_TRAP_TABLE_OUT_OF_BOUNDS);
  memcpy(table + to, elements + from, (vm_size)count * sizeof *table);
}

VM_INLINE void vm_table_copy(struct vm_function *table, u32 size, u32 to, u32 from, u32 count) {
  vm_check_range(to, count, size, VM_TRAP_TABLE_OUT_OF_BOUNDS);
  vm_check_range(from, count, size, VM_TRAP_TABLE_OUT_OF_BOUNDS);
  memmove(table + to, table + from, (vm_size)count * sizeof *table);
}

/* ---- Atomic instructions ---- */

VM_INLINE u64 vm_aligned(u32 index, u64 offset, u32 size) {
  u64 address = (u64)index + offset;
  if (VM_UNLIKELY(address & (size - 1))) vm_trap(VM_TRAP_UNALIGNED_ATOMIC);
  return VM_MEMORY_BASE + address;
}

#define VM_ATOMIC_CELL(type, index, offset) \
  ((volatile type *)vm_aligned(index, offset, sizeof(type)))
#define VM_ATOMIC_LOAD(type, index, offset) \
  __atomic_load_n(VM_ATOMIC_CELL(type, index, offset), __ATOMIC_SEQ_CST)
#define VM_ATOMIC_STORE(type, index, offset, value) \
  __atomic_store_n(VM_ATOMIC_CELL(type, index, offset), (type)(value), __ATOMIC_SEQ_CST)
#define VM_ATOMIC_RMW(builtin, type, index, offset, value) \
  builtin(VM_ATOMIC_CELL(type, index, offset), (type)(value), __ATOMIC_SEQ_CST)
#define VM_ATOMIC_ADD(type, index, offset, value) \
  VM_ATOMIC_RMW(__atomic_fetch_add, type, index, offset, value)
#define VM_ATOMIC_SUB(type, index, offset, value) \
  VM_ATOMIC_RMW(__atomic_fetch_sub, type, index, offset, value)
#define VM_ATOMIC_AND(type, index, offset, value) \
  VM_ATOMIC_RMW(__atomic_fetch_and, type, index, offset, value)
#define VM_ATOMIC_OR(type, index, offset, value) \
  VM_ATOMIC_RMW(__atomic_fetch_or, type, index, offset, value)
#define VM_ATOMIC_XOR(type, index, offset, value) \
  VM_ATOMIC_RMW(__atomic_fetch_xor, type, index, offset, value)
#define VM_ATOMIC_EXCHANGE(type, index, offset, value) \
  VM_ATOMIC_RMW(__atomic_exchange_n, type, index, offset, value)

/* An expected value wider than the cell never equals it: then the cell is only read. */
#define VM_COMPARE_EXCHANGE(type)                                                                  \
  VM_INLINE type vm_compare_exchange_##type(volatile type *cell, u64 expected, u64 value) {        \
    type found = (type)expected;                                                                   \
    if (found != expected) return __atomic_load_n(cell, __ATOMIC_SEQ_CST);                         \
    __atomic_compare_exchange_n(cell, &found, (type)value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
    return found;                                                                                  \
  }
VM_COMPARE_EXCHANGE(u8)
VM_COMPARE_EXCHANGE(u16)
VM_COMPARE_EXCHANGE(u32)
VM_COMPARE_EXCHANGE(u64)
#define VM_ATOMIC_COMPARE_EXCHANGE(type, index, offset, expected, value) \
  vm_compare_exchange_##type(VM_ATOMIC_CELL(type, index, offset), expected, value)

/* ---- Integer instructions ---- */

VM_INLINE u32 vm_clz32(u32 a) { return a ? (u32)__builtin_clz(a) : 32; }
VM_INLINE u32 vm_ctz32(u32 a) { return a ? (u32)__builtin_ctz(a) : 32; }
VM_INLINE u64 vm_clz64(u64 a) { return a ? (u64)__builtin_clzl(a) : 64; }
VM_INLINE u64 vm_ctz64(u64 a) { return a ? (u64)__builtin_ctzl(a) : 64; }
VM_INLINE u32 vm_rotl32(u32 a, u32 n) { return (a << (n & 31)) | (a >> (-n & 31)); }
VM_INLINE u32 vm_rotr32(u32 a, u32 n) { return (a >> (n & 31)) | (a << (-n & 31)); }
VM_INLINE u64 vm_rotl64(u64 a, u64 n) { return (a << (n & 63)) | (a >> (-n & 63)); }
VM_INLINE u64 vm_rotr64(u64 a, u64 n) { return (a >> (n & 63)) | (a << (-n & 63)); }

/* The most negative number divided by -1 does not fit: division traps, the remainder is 0. */
#define VM_DIVISION(bits, lowest)                                                             \
  VM_INLINE u##bits vm_div_u##bits(u##bits a, u##bits b) {                                    \
    if (VM_UNLIKELY(b == 0)) vm_trap(VM_TRAP_INTEGER_DIVIDE_BY_ZERO);                         \
    return a / b;                                                                             \
  }                                                                                           \
  VM_INLINE u##bits vm_rem_u##bits(u##bits a, u##bits b) {                                    \
    if (VM_UNLIKELY(b == 0)) vm_trap(VM_TRAP_INTEGER_DIVIDE_BY_ZERO);                         \
    return a % b;                                                                             \
  }                                                                                           \
  VM_INLINE u##bits vm_div_s##bits(u##bits a, u##bits b) {                                    \
    if (VM_UNLIKELY(b == 0)) vm_trap(VM_TRAP_INTEGER_DIVIDE_BY_ZERO);                         \
    if (VM_UNLIKELY(a == (lowest) && b == (u##bits)-1)) vm_trap(VM_TRAP_INTEGER_OVERFLOW);    \
    return (u##bits)((s##bits)a / (s##bits)b);                                                \
  }                                                                                           \
  VM_INLINE u##bits vm_rem_s##bits(u##bits a, u##bits b) {                                    \
    if (VM_UNLIKELY(b == 0)) vm_trap(VM_TRAP_INTEGER_DIVIDE_BY_ZERO);                         \
    return b == (u##bits)-1 ? 0 : (u##bits)((s##bits)a % (s##bits)b);                         \
  }
VM_DIVISION(32, 0x80000000u)
VM_DIVISION(64, 0x8000000000000000ul)

/* ---- Floating point ---- */

VM_INLINE u32 vm_bits_of_f32(f32 a) {
  union { f32 value; u32 bits; } both = {a};
  return both.bits;
}
VM_INLINE u64 vm_bits_of_f64(f64 a) {
  union { f64 value; u64 bits; } both = {a};
  return both.bits;
}
VM_INLINE f32 vm_f32_of_bits(u32 a) {
  union { u32 bits; f32 value; } both = {a};
  return both.value;
}
VM_INLINE f64 vm_f64_of_bits(u64 a) {
  union { u64 bits; f64 value; } both = {a};
  return both.value;
}

/*
 * min and max: a NaN operand gives a quiet NaN (addition makes one), and -0 is below +0. Equal
 * operands differ at most in the sign of zero, so or-ing (and-ing) the bits picks the right one.
 */
#define VM_MINIMUM(type)                                                                           \
  VM_INLINE type vm_min_##type(type a, type b) {                                                   \
    if (a != a || b != b) return a + b;                                                            \
    if (a == b) return vm_##type##_of_bits(vm_bits_of_##type(a) | vm_bits_of_##type(b));           \
    return a < b ? a : b;                                                                          \
  }                                                                                                \
  VM_INLINE type vm_max_##type(type a, type b) {                                                   \
    if (a != a || b != b) return a + b;                                                            \
    if (a == b) return vm_##type##_of_bits(vm_bits_of_##type(a) & vm_bits_of_##type(b));           \
    return a > b ? a : b;                                                                          \
  }
VM_MINIMUM(f32)
VM_MINIMUM(f64)

/*
 * Rounding without SSE4.1. From `whole` on (2^23 for f32, 2^52 for f64) every number is an integer
 * already; adding +0 there changes nothing but makes a signalling NaN quiet. Below, a signed
 * integer of the same size holds the number. Adding and subtracting `whole` rounds to nearest, ties
 * to even, as the processor does. copysign keeps -0.
 */
#define VM_ROUNDING(type, integer, whole, fabs, copysign)                                    \
  VM_INLINE type vm_trunc_##type(type a) {                                                   \
    if (!(fabs(a) < (whole))) return a + 0;                                                  \
    return copysign((type)(integer)a, a);                                                    \
  }                                                                                          \
  VM_INLINE type vm_floor_##type(type a) {                                                   \
    type t = vm_trunc_##type(a);                                                             \
    return t > a ? t - 1 : t;                                                                \
  }                                                                                          \
  VM_INLINE type vm_ceil_##type(type a) {                                                    \
    type t = vm_trunc_##type(a);                                                             \
    return t < a ? t + 1 : t;                                                                \
  }                                                                                          \
  VM_INLINE type vm_nearest_##type(type a) {                                                 \
    if (!(fabs(a) < (whole))) return a + 0;                                                  \
    type shift = copysign((whole), a);                                                       \
    return copysign((a + shift) - shift, a);                                                 \
  }
VM_ROUNDING(f32, s32, 0x1p23f, __builtin_fabsf, __builtin_copysignf)
VM_ROUNDING(f64, s64, 0x1p52, __builtin_fabs, __builtin_copysign)

/*
 * Conversions to integers. `above_low` and `high` bound the floats whose integer part fits: the
 * first is a comparison because the lowest integer minus one is not a float of every type.
 */
#define VM_CONVERSION(to, from, result, above_low, high, lowest, highest)                    \
  VM_INLINE result vm_trunc_##to##_##from(from a) {                                          \
    if (VM_UNLIKELY(a != a)) vm_trap(VM_TRAP_INVALID_CONVERSION);                            \
    if (VM_UNLIKELY(!(a above_low) || !(a < (high)))) vm_trap(VM_TRAP_INTEGER_OVERFLOW);     \
    return (result)(to)a;                                                                    \
  }                                                                                          \
  VM_INLINE result vm_trunc_sat_##to##_##from(from a) {                                      \
    if (a != a) return 0;                                                                    \
    if (!(a above_low)) return (lowest);                                                     \
    if (!(a < (high))) return (highest);                                                     \
    return (result)(to)a;                                                                    \
  }
VM_CONVERSION(s32, f32, u32, >= -0x1p31f, 0x1p31f, 0x80000000u, 0x7fffffffu)
VM_CONVERSION(u32, f32, u32, > -1.0f, 0x1p32f, 0u, 0xffffffffu)
VM_CONVERSION(s32, f64, u32, > -2147483649.0, 0x1p31, 0x80000000u, 0x7fffffffu)
VM_CONVERSION(u32, f64, u32, > -1.0, 0x1p32, 0u, 0xffffffffu)
VM_CONVERSION(s64, f32, u64, >= -0x1p63f, 0x1p63f, 0x8000000000000000ul, 0x7ffffffffffffffful)
VM_CONVERSION(u64, f32, u64, > -1.0f, 0x1p64f, 0ul, 0xfffffffffffffffful)
VM_CONVERSION(s64, f64, u64, >= -0x1p63, 0x1p63, 0x8000000000000000ul, 0x7ffffffffffffffful)
VM_CONVERSION(u64, f64, u64, > -1.0, 0x1p64, 0ul, 0xfffffffffffffffful)

/* ---- The functions a compiler may call on its own ---- */

#ifdef VM_DEFINE_MEMORY_FUNCTIONS
/*
 * Up to 32 bytes: the first and the last bytes are read before any is written, in pieces that may
 * overlap each other; so overlap of the two ranges does no harm either. More: words, then string
 * instructions, which take a while to start; those move 8 bytes at a time because QEMU's emulation
 * is slow for each step.
 */
enum { vm_small_bytes = 32, vm_string_bytes = 512 };

#define VM_FIRST_AND_LAST(type, to, from, count)                            \
  do {                                                                      \
    const any_##type first = *(const any_##type *)(from);                   \
    const any_##type last = *(const any_##type *)((from) + (count) - sizeof(type)); \
    *(any_##type *)(to) = first;                                            \
    *(any_##type *)((to) + (count) - sizeof(type)) = last;                  \
  } while (0)

VM_INLINE void vm_copy_small(u8 *to, const u8 *from, vm_size count) {
  if (count >= 16) {
    const any_u64 a = *(const any_u64 *)from, b = *(const any_u64 *)(from + 8);
    const any_u64 c = *(const any_u64 *)(from + count - 16);
    const any_u64 d = *(const any_u64 *)(from + count - 8);
    *(any_u64 *)to = a;
    *(any_u64 *)(to + 8) = b;
    *(any_u64 *)(to + count - 16) = c;
    *(any_u64 *)(to + count - 8) = d;
  } else if (count >= 8) {
    VM_FIRST_AND_LAST(u64, to, from, count);
  } else if (count >= 4) {
    VM_FIRST_AND_LAST(u32, to, from, count);
  } else if (count >= 2) {
    VM_FIRST_AND_LAST(u16, to, from, count);
  } else if (count == 1) {
    *to = *from;
  }
}

void *memcpy(void *restrict to, const void *restrict from, vm_size count) {
  u8 *out = (u8 *)to;
  const u8 *in = (const u8 *)from;
  if (count >= vm_string_bytes) {
    vm_size words = count / 8;
    __asm__ volatile("rep movsq" : "+D"(out), "+S"(in), "+c"(words) : : "memory");
    count &= 7;
  }
  while (count > vm_small_bytes) {
    const any_u64 a = *(const any_u64 *)in, b = *(const any_u64 *)(in + 8);
    *(volatile any_u64 *)out = a;
    *(volatile any_u64 *)(out + 8) = b;
    in += 16;
    out += 16;
    count -= 16;
  }
  vm_copy_small(out, in, count);
  return to;
}

/* With `to` inside the bytes to be read: words from the end downwards, then what is left. */
void *memmove(void *to, const void *from, vm_size count) {
  if ((u64)to - (u64)from >= count) return memcpy(to, from, count);
  u8 *out = (u8 *)to;
  const u8 *in = (const u8 *)from;
  while (count > vm_small_bytes) {
    count -= 8;
    *(volatile any_u64 *)(out + count) = *(const any_u64 *)(in + count);
  }
  vm_copy_small(out, in, count);
  return to;
}

void *memset(void *to, int value, vm_size count) {
  u8 *out = (u8 *)to;
  const u64 word = 0x0101010101010101ul * (u8)value;
  if (count >= vm_string_bytes) {
    vm_size words = count / 8;
    __asm__ volatile("rep stosq" : "+D"(out), "+c"(words) : "a"(word) : "memory");
    count &= 7;
  }
  for (; count >= 8; count -= 8, out += 8) *(volatile any_u64 *)out = word;
  for (; count > 0; count--) *(volatile u8 *)out++ = (u8)value;
  return to;
}

int memcmp(const void *left, const void *right, vm_size count) {
  const volatile u8 *a = (const volatile u8 *)left, *b = (const volatile u8 *)right;
  for (vm_size i = 0; i < count; i++)
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  return 0;
}
#endif

#endif
