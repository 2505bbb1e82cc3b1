/*
 * The control for bench/latency/lateness.erl: how late the operating system lets a program be that
 * sleeps for a millisecond at a time. Prints the median, the 99th percentile and the maximum in
 * nanoseconds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int ascending(const void *a, const void *b) {
  const long x = *(const long *)a, y = *(const long *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  const int count = argc > 1 ? atoi(argv[1]) : 1000;
  long *late = malloc(sizeof(long) * count);
  const struct timespec wait = {0, 1000000};
  for (int i = 0; i < count; i++) {
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    nanosleep(&wait, NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    late[i] = (end.tv_sec - start.tv_sec) * 1000000000L + (end.tv_nsec - start.tv_nsec) - 1000000;
  }
  qsort(late, count, sizeof(long), ascending);
  printf("%ld %ld %ld\n", late[count / 2], late[count - 1 - count / 100], late[count - 1]);
  return 0;
}
