/* SPDX-License-Identifier: MIT
 *
 * Runs one child to its end: the parent's half. The child is watched through a pidfd beside its two
 * pipes, so that one ppoll() waits for everything, and is reaped only after its group has been
 * killed: until then its number can't be another process's. Where the kernel has no pidfd the same
 * loop looks every few milliseconds.
 */
#include "harness/process.h"

#include "interrupt.h"
#include "process_child.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 1 << 16, LOOK_EVERY_MS = 5 };

struct running {
    pid_t pid;
    int pidfd; /* or -1 */
    int output, errors;
    uint64_t deadline_ns;
    char errors_kept[TC_PROCESS_STDERR_KEPT];
    size_t errors_length;
    size_t output_room;
    struct tc_process_result *out;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* -- taking in what it writes -- */

static void keep_output(struct running *run, const char *data, size_t length)
{
    struct tc_process_result *out = run->out;
    if (out->output_length + length >= run->output_room) {
        run->output_room = 2 * (out->output_length + length) + 1;
        out->output = realloc(out->output, run->output_room);
        MUST(out->output);
    }
    memcpy(out->output + out->output_length, data, length);
    out->output_length += length;
    out->output[out->output_length] = '\0';
}

/* Keeps the last of it. */
static void keep_errors(struct running *run, const char *data, size_t length)
{
    size_t room = sizeof run->errors_kept;
    if (length >= room) {
        memcpy(run->errors_kept, data + length - room, room);
        run->errors_length = room;
        return;
    }
    size_t over = run->errors_length + length > room ? run->errors_length + length - room : 0;
    memmove(run->errors_kept, run->errors_kept + over, run->errors_length - over);
    memcpy(run->errors_kept + run->errors_length - over, data, length);
    run->errors_length += length - over;
}

/* One read. False when there is nothing to read now; closes the descriptor at the end of it. */
static bool take(struct running *run, int *fd)
{
    char chunk[CHUNK];
    if (*fd < 0)
        return false;
    ssize_t length = read(*fd, chunk, sizeof chunk);
    if (length < 0 && (errno == EINTR || errno == EAGAIN))
        return errno == EINTR;
    if (length <= 0)
        close_fd(fd);
    else if (fd == &run->output)
        keep_output(run, chunk, (size_t)length);
    else
        keep_errors(run, chunk, (size_t)length);
    return length > 0;
}

static bool flooded(const struct running *run)
{
    return run->out->output_length > TC_PROCESS_OUTPUT_MAX;
}

/* The last non-empty line, without what a terminal could take for a command. */
static void note_last_words(struct running *run)
{
    size_t end = run->errors_length, start, length = 0;
    const char *kept = run->errors_kept;
    while (end > 0 && strchr("\r\n\t ", kept[end - 1]))
        end--;
    for (start = end; start > 0 && kept[start - 1] != '\n'; start--) {
    }
    for (; start < end && length + 1 < sizeof run->out->last_words; start++) {
        unsigned char c = (unsigned char)kept[start];
        run->out->last_words[length++] = c < ' ' || c == 127 ? ' ' : (char)c;
    }
    run->out->last_words[length] = '\0';
}

/* -- starting -- */

static int open_pipes(int pipes[3][2], struct tc_error *err)
{
    for (int i = 0; i < 3; i++) {
        if (pipe2(pipes[i], O_CLOEXEC) == 0)
            continue;
        int code = -errno;
        while (i-- > 0) {
            close(pipes[i][0]);
            close(pipes[i][1]);
        }
        return tc_fail(err, code, "no pipe for it: %s", strerror(-code));
    }
    return 0;
}

/* Waits until the child has become the program; -ECHILD with its sentence when it could not. */
static int await_exec(int report, struct tc_error *err)
{
    char text[sizeof err->text];
    size_t length = 0;
    for (;;) {
        ssize_t more = read(report, text + length, sizeof text - 1 - length);
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0)
            break;
        length += (size_t)more;
    }
    text[length] = '\0';
    return length ? tc_fail(err, -ECHILD, "%s", text) : 0;
}

static int start(struct running *run, char *const *argv, const struct tc_placement *placement)
{
    int pipes[3][2], code = open_pipes(pipes, &run->out->error);
    if (code < 0)
        return code;
    struct tc_child child = {argv, placement, getpid(), pipes[0][1], pipes[1][1], pipes[2][1]};
    run->pid = fork();
    if (run->pid == 0)
        tc_child_become(&child);
    if (run->pid < 0)
        code = tc_fail(&run->out->error, -errno, "it could not be forked: %s", strerror(errno));
    for (int i = 0; i < 3; i++)
        close(pipes[i][1]);
    run->output = pipes[0][0];
    run->errors = pipes[1][0];
    if (code == 0) {
        setpgid(run->pid, run->pid); /* whoever comes first */
        run->pidfd = (int)syscall(SYS_pidfd_open, run->pid, 0);
        code = await_exec(pipes[2][0], &run->out->error);
    }
    close(pipes[2][0]);
    return code;
}

/* -- watching -- */

static bool has_ended(const struct running *run)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid;
}

static uint64_t sleep_ns(const struct running *run, uint64_t now)
{
    uint64_t left = run->deadline_ns - now, look = LOOK_EVERY_MS * TC_NS_PER_MS;
    return run->pidfd < 0 && left > look ? look : left;
}

/* Until it ends or has to be ended; stop signals are blocked except while sleeping. */
static enum tc_process_end watch(struct running *run, const sigset_t *unblocked)
{
    while (!has_ended(run)) {
        uint64_t now = tc_now_ns();
        if (tc_interrupt_signal())
            return TC_PROCESS_INTERRUPTED;
        if (now >= run->deadline_ns)
            return TC_PROCESS_TIMED_OUT;
        if (flooded(run))
            return TC_PROCESS_FLOODED;
        struct pollfd fds[] = {{run->output, POLLIN, 0},
                               {run->errors, POLLIN, 0},
                               {run->pidfd, POLLIN, 0}}; /* negative ones are skipped */
        struct timespec timeout = tc_timespec(sleep_ns(run, now));
        if (ppoll(fds, TC_COUNT_OF(fds), &timeout, unblocked) <= 0)
            continue;
        if (fds[0].revents)
            take(run, &run->output);
        if (fds[1].revents)
            take(run, &run->errors);
    }
    return TC_PROCESS_EXITED;
}

/* What is still in the pipe; never waits, since a process that left the group may hold it open. */
static void drain(struct running *run, int *fd)
{
    if (*fd >= 0)
        fcntl(*fd, F_SETFL, O_NONBLOCK);
    while (!flooded(run) && take(run, fd)) {
    }
    close_fd(fd);
}

static void reap(struct running *run)
{
    int status = 0;
    kill(-run->pid, SIGKILL);
    kill(run->pid, SIGKILL); /* should it not have reached its own group */
    drain(run, &run->output);
    drain(run, &run->errors);
    if (run->out->end == TC_PROCESS_EXITED && flooded(run))
        run->out->end = TC_PROCESS_FLOODED;
    while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR) {
    }
    /* What it left behind has become our child: gone before the next round measures. */
    while (waitpid(-run->pid, NULL, 0) > 0 || errno == EINTR) {
    }
    if (run->out->end == TC_PROCESS_EXITED && WIFSIGNALED(status))
        run->out->end = TC_PROCESS_SIGNALLED;
    run->out->code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    note_last_words(run);
}

void tc_process_run(char *const *argv, const struct tc_placement *placement, uint64_t limit_ns,
                    struct tc_process_result *out)
{
    struct running *run = calloc(1, sizeof *run);
    sigset_t stops, before;
    MUST(run);
    *out = (struct tc_process_result){.end = TC_PROCESS_NOT_STARTED, .output = calloc(1, 1)};
    MUST(out->output);
    *run = (struct running){.pid = -1, .pidfd = -1, .output = -1, .errors = -1, .out = out};
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    signal(SIGCHLD, SIG_DFL); /* an inherited SIG_IGN would reap the child behind our back */
    tc_interrupt_set(&stops);
    sigprocmask(SIG_BLOCK, &stops, &before);
    uint64_t started_ns = tc_now_ns();
    if (__builtin_add_overflow(started_ns, limit_ns, &run->deadline_ns))
        run->deadline_ns = TC_NEVER;
    if (start(run, argv, placement) == 0)
        out->end = watch(run, &before);
    out->wall_ns = tc_now_ns() - started_ns;
    if (run->pid > 0)
        reap(run);
    close_fd(&run->output);
    close_fd(&run->errors);
    close_fd(&run->pidfd);
    sigprocmask(SIG_SETMASK, &before, NULL);
    free(run);
}

void tc_process_clear(struct tc_process_result *result)
{
    free(result->output);
    *result = (struct tc_process_result){0};
}
