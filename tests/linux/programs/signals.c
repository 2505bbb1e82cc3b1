/* Handlers, masks, queues, alternate stacks, interrupted and repeated calls, faults. */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static int fails(long result, int error) { return result == -1 && errno == error; }

static volatile int seen[64], count;
static volatile void *stack_seen, *address_seen;
static volatile int code_seen, value_seen;
static sigjmp_buf back;

static void note(int signal, siginfo_t *info, void *context) {
  (void)context;
  stack_seen = __builtin_frame_address(0);
  code_seen = info->si_code;
  value_seen = info->si_value.sival_int;
  if (count < 64) seen[count++] = signal;
}
static void jump(int signal, siginfo_t *info, void *context) {
  (void)context;
  address_seen = info->si_addr;
  code_seen = info->si_code;
  siglongjmp(back, signal);
}
static void skip(int signal, siginfo_t *info, void *context) {
  ucontext_t *machine = context;
  (void)signal;
  (void)info;
  machine->uc_mcontext.gregs[REG_RIP] += 2;
  machine->uc_mcontext.gregs[REG_RBX] = 77;
}
static void on(int signal, void (*handler)(int, siginfo_t *, void *), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO | flags;
  if (sigaction(signal, &action, NULL)) printf("sigaction %d\n", errno);
}
static void sequence(const char *what) {
  printf("%s:", what);
  for (int i = 0; i < count; i++) printf(" %d", seen[i]);
  printf("\n");
  count = 0;
}

int main(void) {
  sigset_t set, old;
  setvbuf(stdout, NULL, _IOLBF, 0);
  on(SIGUSR1, note, 0);
  on(SIGUSR2, note, 0);
  on(SIGRTMIN, note, 0);
  on(SIGRTMIN + 1, note, 0);
  raise(SIGUSR1);
  printf("code %d ", code_seen == SI_TKILL);
  kill(getpid(), SIGUSR2);
  printf("%d\n", code_seen == SI_USER);
  sequence("handled");

  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigaddset(&set, SIGRTMIN);
  sigaddset(&set, SIGRTMIN + 1);
  sigprocmask(SIG_BLOCK, &set, &old);
  for (int i = 0; i < 3; i++) {
    union sigval value = {.sival_int = i};
    sigqueue(getpid(), SIGRTMIN + 1, value);
    sigqueue(getpid(), SIGRTMIN, value);
    kill(getpid(), SIGUSR2);
    kill(getpid(), SIGUSR1);
  }
  sigset_t pending;
  sigpending(&pending);
  printf("pending %d %d\n", sigismember(&pending, SIGUSR1), sigismember(&pending, SIGHUP));
  siginfo_t info;
  printf("waited %d", sigwaitinfo(&set, &info) == SIGUSR1);
  struct timespec short_time = {0, 1000000};
  sigset_t none;
  sigemptyset(&none);
  sigaddset(&none, SIGHUP);
  printf(" %d\n", fails(sigtimedwait(&none, &info, &short_time), EAGAIN));
  sigsuspend(&old);
  printf("suspended %d %d\n", errno == EINTR, count > 0);
  sigprocmask(SIG_SETMASK, &old, NULL);
  printf("left %d, value %d\n", count, value_seen);
  count = 0;

  static char other[65536];
  stack_t alternate = {.ss_sp = other, .ss_size = sizeof other};
  sigaltstack(&alternate, NULL);
  on(SIGUSR1, note, SA_ONSTACK);
  raise(SIGUSR1);
  char *at = (char *)stack_seen;
  printf("alternate %d\n", at >= other && at < other + sizeof other);
  on(SIGUSR1, note, SA_RESETHAND);
  raise(SIGUSR1);
  struct sigaction after;
  sigaction(SIGUSR1, NULL, &after);
  printf("reset %d\n", after.sa_handler == SIG_DFL);
  count = 0;

  int ends[2];
  char byte = 0;
  if (pipe(ends)) return 1;
  struct itimerval soon = {{0, 0}, {0, 20000}};
  on(SIGALRM, note, 0);
  setitimer(ITIMER_REAL, &soon, NULL);
  printf("interrupted %d\n", fails(read(ends[0], &byte, 1), EINTR));
  struct timespec second = {5, 0}, rest = {0, 0};
  setitimer(ITIMER_REAL, &soon, NULL);
  printf("sleep %d", fails(nanosleep(&second, &rest), EINTR));
  printf(" %d\n", rest.tv_sec == 4);
  sequence("alarms");
  on(SIGALRM, note, SA_RESTART);
  setitimer(ITIMER_REAL, &soon, NULL);
  if (fork() == 0) {
    struct timespec later = {0, 100000000};
    nanosleep(&later, NULL);
    _exit(write(ends[1], "x", 1) != 1);
  }
  printf("restarted %zd", read(ends[0], &byte, 1));
  printf(" %d\n", count);

  on(SIGSEGV, jump, SA_NODEFER);
  on(SIGFPE, jump, SA_NODEFER);
  char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (sigsetjmp(back, 1) == 0) page[5] = 1;
  printf("segv %d %d\n", address_seen == page + 5, code_seen == SEGV_ACCERR);
  munmap(page, 4096);
  if (sigsetjmp(back, 1) == 0) page[5] = 1;
  printf("segv %d %d\n", address_seen == page + 5, code_seen == SEGV_MAPERR);
  volatile int zero = 0;
  if (sigsetjmp(back, 1) == 0) zero = 1 / zero;
  printf("fpe %d\n", code_seen == FPE_INTDIV);
  on(SIGILL, skip, 0);
  long changed;
  __asm__ volatile("mov $1, %%rbx; ud2; mov %%rbx, %0" : "=r"(changed) : : "rbx");
  printf("changed %ld\n", changed);
  double before = 1.5, after_double;
  __asm__ volatile("movsd %1, %%xmm15; ud2; movsd %%xmm15, %0"
                   : "=m"(after_double)
                   : "m"(before)
                   : "xmm15", "rbx");
  printf("sse %.1f\n", after_double);

  timer_t timer;
  struct sigevent event;
  memset(&event, 0, sizeof event);
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGRTMIN;
  event.sigev_value.sival_int = 321;
  printf("timer %d", timer_create(CLOCK_MONOTONIC, &event, &timer));
  struct itimerspec times = {{0, 5000000}, {0, 5000000}};
  timer_settime(timer, 0, &times, NULL);
  count = 0;
  while (count < 3) pause();
  printf(" %d %d", value_seen, code_seen == SI_TIMER);
  printf(" %d\n", timer_delete(timer));
  signal(SIGPIPE, SIG_IGN);
  close(ends[0]);
  printf("pipe %d\n", fails(write(ends[1], "x", 1), EPIPE));
  signal(SIGTERM, SIG_DFL);
  kill(getpid(), SIGTERM);
  return 0;
}
