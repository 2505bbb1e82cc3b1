/* brk, mmap and its relatives, large and lazy memory, what is not there. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static int fails(long result, int error) { return result == -1 && errno == error; }

static int deep(int depth) {
  volatile char page[4096];
  page[0] = (char)depth;
  return depth == 0 ? 0 : deep(depth - 1) + page[0] * 0 + 1;
}
static int readable(const void *address) {
  int ends[2];
  if (pipe(ends)) return -1;
  int answer = write(ends[1], address, 1) == 1 ? 1 : -errno;
  close(ends[0]);
  close(ends[1]);
  return answer;
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("begin\n");
  char *start = sbrk(0);
  int grown = sbrk(100000) == start;
  memset(start, 7, 100000);
  int given_back = brk(start);
  printf("brk %d %d %d\n", grown, given_back, sbrk(0) == start);

  size_t huge = (size_t)1 << 36;
  char *lazy = mmap(NULL, huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  printf("huge %d", lazy != MAP_FAILED);
  lazy[0] = 1;
  lazy[huge / 2] = 2;
  lazy[huge - 1] = 3;
  printf(" %d %d", lazy[0] + lazy[huge / 2] + lazy[huge - 1], lazy[4096]);
  printf(" %d\n", munmap(lazy, 16384));
  printf("unmapped %d %d\n", readable(lazy) == -EFAULT, readable(lazy + 16384));

  char *area = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(area, 1, 8 * 4096);
  printf("protect %d", mprotect(area + 4096, 4096, PROT_NONE));
  printf(" %d", readable(area + 4096) == -EFAULT);
  printf(" %d", mprotect(area + 4096, 4096, PROT_READ));
  printf(" %d\n", readable(area + 4096));
  printf("kept %d\n", area[4096]);
  int zero = open("/dev/zero", O_RDONLY);
  printf("read only %d\n", fails(read(zero, area + 4096, 10), EFAULT));
  mprotect(area + 4096, 4096, PROT_READ | PROT_WRITE);
  area[3 * 4096] = 9;
  printf("dontneed %d", madvise(area + 3 * 4096, 4096, MADV_DONTNEED));
  printf(" %d\n", area[3 * 4096]);
  munmap(area + 4 * 4096, 4096);
  printf("gap %d\n", fails(mprotect(area, 8 * 4096, PROT_READ), ENOMEM));
  mprotect(area, 4 * 4096, PROT_READ | PROT_WRITE);

  area[5] = 55;
  char *moved = mremap(area, 4 * 4096, 64 * 4096, MREMAP_MAYMOVE);
  printf("moved %d %d %d\n", moved != MAP_FAILED, moved[5], moved[63 * 4096]);
  printf("shrunk %d\n", mremap(moved, 64 * 4096, 4096, 0) == moved);
  printf("cannot %d\n", fails((long)mremap(moved, 4096, 16384, MREMAP_FIXED), EINVAL));
  char *fixed = mmap(moved, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  printf("fixed %d %d\n", fixed == moved, fixed[5]);
  fixed = mmap(moved, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  printf("exists %d %d\n", fixed == MAP_FAILED, errno == EEXIST);
  printf("invalid %d", mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
  printf(" %d", errno == EINVAL);
  printf(" %d", munmap((char *)1, 4096) == -1 && errno == EINVAL);
  printf(" %d\n", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, -1, 0) == MAP_FAILED && errno == EBADF);

  char name[] = "/tmp/mappedXXXXXX";
  int file = mkstemp(name);
  if (write(file, "hello mapped file", 17) != 17) return 1;
  char *private = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  printf("file %.5s %.5s %d\n", private, shared + 6, private[17]);
  private[0] = 'J';
  memcpy(shared, "HELLO", 5);
  printf("sync %d\n", msync(shared, 4096, MS_SYNC));
  char back[18] = "";
  ssize_t length = pread(file, back, 17, 0);
  printf("back %zd %s\n", length, back);
  munmap(private, 4096);
  munmap(shared, 4096);
  close(file);
  unlink(name);

  printf("deep %d\n", deep(500));
  struct rlimit limit;
  getrlimit(RLIMIT_STACK, &limit);
  printf("stack %d\n", limit.rlim_cur > 1000000);
  unsigned char core[4];
  char *fresh = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  fresh[4096] = 1;
  int known = mincore(fresh, 4 * 4096, core);
  printf("core %d %d\n", known, core[1] & 1);
  return 0;
}
