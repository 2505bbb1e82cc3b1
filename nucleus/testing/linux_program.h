/* What Linux programs of parts of the nucleus share: no library, output, random numbers. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long u64;

static long call6(long n, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  __asm__ volatile("syscall"
                   : "+a"(n)
                   : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return n;
}

static int quiet;
void console_write(const u8 *bytes, u64 count) {
  if (!quiet) call6(1, 1, (long)bytes, (long)count, 0, 0, 0);
}
__attribute__((noreturn)) static void leave(int status) {
  for (;;) call6(231, status, 0, 0, 0, 0, 0);
}
void stop_failed(void) { leave(3); }

static void say(const char *text) {
  u64 length = 0;
  while (text[length]) length++;
  quiet = 0;
  console_write((const u8 *)text, length);
}
__attribute__((unused)) static void tell(const char *name, u64 value) {
  char digits[24];
  int first = 23;
  digits[first] = 0;
  do digits[--first] = (char)('0' + value % 10);
  while (value /= 10);
  say(name), say("="), say(digits + first), say("\n");
}
__attribute__((unused)) static void check(int good, const char *what) {
  if (good) return;
  say("wrong: "), say(what), say("\n");
  leave(1);
}

static u64 state;
__attribute__((unused)) static u64 random(u64 limit) {
  state += 0x9e3779b97f4a7c15ul;
  u64 z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ul;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebul;
  return (z ^ (z >> 31)) % limit;
}
__attribute__((unused)) static u64 parse(const char *text) {
  u64 value = 0;
  while (*text >= '0' && *text <= '9') value = 10 * value + (u64)(*text++ - '0');
  return value;
}
__attribute__((unused)) static int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

static void run(long *stack) __attribute__((used));
__attribute__((naked)) void _start(void) {
  __asm__("xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call run\n");
}
