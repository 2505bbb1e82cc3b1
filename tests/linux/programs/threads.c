/* Threads: mutexes, conditions, storage of their own, cancellation, signals, and the end of all. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int fails(long result, int error) { return result == -1 && errno == error; }

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static long total, whose;
static __thread long own;
static volatile int handled_by;

static void *adds(void *argument) {
  for (int i = 0; i < 200; i++) {
    pthread_mutex_lock(&lock);
    total += (long)argument;
    own++;
    pthread_mutex_unlock(&lock);
  }
  return (void *)own;
}
static void *alternates(void *argument) {
  for (int i = 0; i < 5; i++) {
    pthread_mutex_lock(&lock);
    while (whose != (long)argument) pthread_cond_wait(&turn, &lock);
    whose = 1 - whose;
    pthread_cond_broadcast(&turn);
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}
static void *sleeps(void *argument) {
  (void)argument;
  sleep(1000);
  return NULL;
}
static void handle(int signal) { handled_by = (int)syscall(SYS_gettid); (void)signal; }
static void *is_signalled(void *argument) {
  while (!handled_by) usleep(1000);
  *(int *)argument = handled_by == (int)syscall(SYS_gettid);
  return NULL;
}
static void *allocates(void *argument) {
  char *all[50];
  for (int i = 0; i < 50; i++) {
    all[i] = malloc(1000 + i * 100);
    all[i][999 + i * 100] = (char)i;
  }
  for (int i = 0; i < 50; i++) free(all[i]);
  return argument;
}

int main(void) {
  pthread_t threads[8];
  void *result;
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (long i = 0; i < 8; i++) pthread_create(&threads[i], NULL, adds, (void *)(i + 1));
  long each = 0;
  for (int i = 0; i < 8; i++) {
    pthread_join(threads[i], &result);
    each += (long)result;
  }
  printf("total %ld %ld %ld\n", total, each, own);
  for (long i = 0; i < 2; i++) pthread_create(&threads[i], NULL, alternates, (void *)i);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  printf("alternated %ld\n", whose);

  pthread_create(&threads[0], NULL, sleeps, NULL);
  printf("cancelled %d", pthread_cancel(threads[0]));
  pthread_join(threads[0], &result);
  printf(" %d\n", result == PTHREAD_CANCELED);

  int right = 0;
  signal(SIGUSR1, handle);
  pthread_create(&threads[0], NULL, is_signalled, &right);
  pthread_kill(threads[0], SIGUSR1);
  pthread_join(threads[0], NULL);
  printf("signalled %d\n", right);

  sem_t semaphore;
  sem_init(&semaphore, 0, 0);
  struct timespec soon;
  clock_gettime(CLOCK_REALTIME, &soon);
  soon.tv_nsec += 20000000;
  if (soon.tv_nsec >= 1000000000) soon.tv_sec++, soon.tv_nsec -= 1000000000;
  printf("timed out %d\n", fails(sem_timedwait(&semaphore, &soon), ETIMEDOUT));

  pthread_mutexattr_t attributes;
  pthread_mutex_t inherits;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(&inherits, &attributes);
  printf("inherits %d", pthread_mutex_lock(&inherits));
  printf(" %d\n", pthread_mutex_unlock(&inherits));

  for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, allocates, (void *)(long)i);
  each = 0;
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], &result);
    each += (long)result;
  }
  printf("allocated %ld\n", each);
  for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, sleeps, NULL);
  exit(33);
}
