/* measure FD PROGRAM ARG...: runs it and writes wall time, time on a core (both in microseconds)
   and peak memory (KiB) to descriptor FD. A small program of its own, because the peak of a child
   counts the memory of whoever started it. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long micros(struct timeval it) { return it.tv_sec * 1000000L + it.tv_usec; }

int main(int count, char **argv) {
    struct timespec begin, end;
    struct rusage usage;
    pid_t pid;
    int status;
    if (count < 3) return 2;
    fcntl(atoi(argv[1]), F_SETFD, FD_CLOEXEC);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    if (posix_spawnp(&pid, argv[2], 0, 0, argv + 2, environ)) return 127;
    if (wait4(pid, &status, 0, &usage) < 0) return 1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    dprintf(atoi(argv[1]), "%ld %ld %ld\n",
            (end.tv_sec - begin.tv_sec) * 1000000L + (end.tv_nsec - begin.tv_nsec) / 1000,
            micros(usage.ru_utime) + micros(usage.ru_stime), usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
