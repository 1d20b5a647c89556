/* SPDX-License-Identifier: MIT
 *
 * From fork to exec: what a worker finds when it starts. The environment is a fixed small set,
 * because its size moves the stack and its content (a preloaded library, malloc's tunables) the
 * figures. The limits are as high as they may go, so that they are the machine's and not the
 * shell's.
 */
#include "process_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { VARIABLES_MAX = 16 };

static bool is_sanitizer_option(const char *variable)
{
    static const char ending[] = "SAN_OPTIONS";
    size_t name = strcspn(variable, "=");
    return name >= sizeof ending - 1 &&
           strncmp(variable + name - (sizeof ending - 1), ending, sizeof ending - 1) == 0;
}

static bool is_kept(const char *variable)
{
    return strncmp(variable, "PATH=", 5) == 0 || strncmp(variable, "HOME=", 5) == 0 ||
           is_sanitizer_option(variable);
}

static void fill_environment(char **out)
{
    static char language[] = "LANG=C", binding[] = "LD_BIND_NOW=1";
    size_t count = 0;
    out[count++] = language;
    out[count++] = binding; /* or the first call of each function would be resolved in a sample */
    for (char **variable = environ; *variable && count < VARIABLES_MAX - 1; variable++)
        if (is_kept(*variable))
            out[count++] = *variable;
    out[count] = NULL;
}

static void raise_limit(int resource)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(resource, &limit);
    }
}

/* When memory runs out, the kernel shall end the worker and not the driver with its results. */
static void offer_to_oom_killer(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t written = write(fd, "1000", 4);
    (void)written; /* a wish: where it is not granted, all else still holds */
    close(fd);
}

static void reset_signals(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int connect_streams(const struct tc_child *child, struct tc_error *err)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(child->output, STDOUT_FILENO) < 0 ||
        dup2(child->errors, STDERR_FILENO) < 0)
        return tc_fail(err, -errno, "its streams could not be connected: %s", strerror(errno));
    /* Descriptors that taskcost itself inherited are not the worker's business. */
    close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    return 0;
}

static int become(const struct tc_child *child, struct tc_error *err)
{
    char *environment[VARIABLES_MAX];
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != child->parent)
        _exit(1); /* the driver died before the line above */
    reset_signals();
    int code = connect_streams(child, err);
    if (code == 0 && child->placement)
        code = tc_placement_bind_self(child->placement, err);
    if (code < 0)
        return code;
    raise_limit(RLIMIT_NOFILE);
    raise_limit(RLIMIT_NPROC);
    offer_to_oom_killer();
    fill_environment(environment);
    execve(child->argv[0], child->argv, environment);
    return tc_fail(err, -errno, "'%s' could not be executed: %s", child->argv[0], strerror(errno));
}

void tc_child_become(const struct tc_child *child)
{
    struct tc_error err = {""};
    become(child, &err);
    ssize_t written = write(child->report, err.text, strlen(err.text));
    _exit(written > 0 ? 127 : 126);
}
