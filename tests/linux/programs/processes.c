/* Children and what becomes of them: fork, wait4, waitid, kill, stop, continue, process groups. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, int status) {
  if (WIFEXITED(status)) printf("%s: exited %d\n", what, WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) printf("%s: signal %d\n", what, WTERMSIG(status));
  else if (WIFSTOPPED(status)) printf("%s: stopped %d\n", what, WSTOPSIG(status));
  else if (WIFCONTINUED(status)) printf("%s: continued\n", what);
}

static pid_t child(void (*run)(void)) {
  pid_t pid = fork();
  if (pid == 0) {
    run();
    _exit(99);
  }
  return pid;
}

static int fails(long result, int error) { return result == -1 && errno == error; }

static volatile int private_value = 1;
static void exits(void) { private_value = 2; _exit(7); }
static void sleeps(void) { for (;;) pause(); }
static void aborts(void) { abort(); }
static void faults(void) { *(volatile int *)8 = 1; }
static void divides(void) {
  volatile int zero = 0;
  private_value = 1 / zero;
}
static void traps(void) { __asm__ volatile("int3"); _exit(3); }
static void privileged(void) { __asm__ volatile("hlt"); }
static void orphan(void) {
  int ends[2];
  char told = 0;
  if (pipe(ends)) _exit(1);
  pid_t pid = fork();
  if (pid == 0) {
    /* The end of the pipe is the end of its parent. */
    close(ends[1]);
    _exit((int)read(ends[0], &told, 1));
  }
  _exit(4);
}

int main(void) {
  int status = 0;
  siginfo_t info;
  setvbuf(stdout, NULL, _IOLBF, 0);
  pid_t pid = child(exits);
  printf("waited: %d\n", waitpid(pid, &status, 0) == pid);
  show("exits", status);
  printf("private: %d\n", private_value);
  printf("none: %d\n", fails(wait(&status), ECHILD));

  void (*ends[])(void) = {aborts, faults, divides, traps, privileged, orphan};
  for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++) {
    pid = child(ends[i]);
    waitpid(-1, &status, 0);
    printf("%u ", i);
    show("ends", status);
  }

  pid = child(sleeps);
  printf("not yet: %d\n", waitpid(pid, &status, WNOHANG));
  kill(pid, SIGSTOP);
  waitpid(pid, &status, WUNTRACED);
  show("stop", status);
  kill(pid, SIGCONT);
  waitpid(pid, &status, WCONTINUED);
  show("continue", status);
  kill(pid, SIGTERM);
  memset(&info, 0, sizeof info);
  printf("kept: %d", waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
  printf(" %d %d %d\n", info.si_code == CLD_KILLED, info.si_status, info.si_pid == pid);
  waitpid(pid, &status, 0);
  show("term", status);
  printf("gone: %d\n", fails(kill(pid, 0), ESRCH));

  pid = child(sleeps);
  printf("group: %d", setpgid(pid, pid));
  printf(" %d\n", getpgid(pid) == pid);
  printf("kill group: %d\n", kill(-pid, SIGKILL));
  printf("waited for group: %d\n", waitpid(-pid, &status, 0) == pid);
  show("killed", status);

  int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid = fork();
  if (pid == 0) {
    *shared = setsid() == getpid() && getsid(0) == getpid() && getpgrp() == getpid();
    _exit(0);
  }
  waitpid(pid, &status, 0);
  printf("session: %d\n", *shared);

  signal(SIGCHLD, SIG_IGN);
  pid = child(exits);
  printf("unwanted: %d\n", fails(waitpid(pid, &status, 0), ECHILD));
  return 12;
}
