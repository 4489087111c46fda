/* Stands in for Claude Code: it does nothing, and runs each line that its terminal sends as a tool
   of Claude Code runs, a child that leads a session of its own. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    static char line[65536];
    signal(SIGCHLD, SIG_IGN);
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        if (fork() == 0) {
            setsid();
            setenv("CLAUDECODE", "1", 1);
            freopen("/dev/null", "r", stdin);
            signal(SIGCHLD, SIG_DFL);
            execl("/bin/bash", "/bin/bash", "-c", line, (char *)0);
            _exit(127);
        }
    }
    for (;;) pause();
}
