/* SPDX-License-Identifier: MIT
 *
 * A worker that measures nothing and whose every behaviour is known: the workload's name says how
 * it behaves. Its model is what follows "worker-" in its own name, so that one link a model makes
 * many of them. It is written against docs/protocol.md alone and links nothing of the harness.
 *
 * Its parameters: "log" names a file to which every run appends a line ("MODEL WORKLOAD TASKS
 * PID"), for tests of the order; "level" is a number that is added to the samples of `constant`,
 * which --inject raises.
 */
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

struct request {
    const char *model, *workload, *tasks, *log;
    long level, inject;
    uint64_t time_ms;
};

extern char **environ;

/* -- what it prints -- */

static void print_head(const struct request *r, const char *status)
{
    printf("{\"protocol\": \"taskcost-worker\", \"protocol_version\": 1, \"model\": \"%s\", "
           "\"workload\": \"%s\", \"tasks\": %s, \"status\": \"%s\"",
           r->model, r->workload, r->tasks, status);
}

static void print_ok(const struct request *r, double a, double b, double c)
{
    print_head(r, "ok");
    printf(", \"parameters\": {\"level\": \"%ld\", \"driver\": \"fake\"}, \"operations\": 3, "
           "\"metrics\": [{\"name\": \"cost\", \"unit\": \"ns\", \"samples\": [%g, %g, %g]}, "
           "{\"name\": \"never\", \"unit\": \"ns\", \"samples\": [], \"reason\": \"it is fake\"}], "
           "\"observed\": {\"build\": \"release\"}}\n",
           r->level, a, b, c);
}

/* -- behaviours -- */

static int run_constant(const struct request *r)
{
    double base = (strtod(r->tasks, NULL) + (double)r->level) * (1 + (double)r->inject / 100);
    print_ok(r, base + 1, base, base + 2);
    return 0;
}

/* Never twice the same, so that no interval gets narrow. */
static int run_drifting(const struct request *r)
{
    double base = 1000.0 + (double)(tc_now_ns() / 1000 % 997);
    print_ok(r, base, base, base);
    return 0;
}

static int run_slow(const struct request *r)
{
    usleep((useconds_t)r->time_ms * 1000);
    return run_drifting(r);
}

static int run_crash(const struct request *r)
{
    (void)r;
    fputs("about to fall\n", stderr);
    signal(SIGSEGV, SIG_DFL); /* also under a sanitizer */
    raise(SIGSEGV);
    return 0;
}

static int run_hang(const struct request *r)
{
    (void)r;
    signal(SIGTERM, SIG_IGN);
    fputs("waiting for what never comes\n", stderr);
    while (pause() < 0) { /* always */
    }
    return 0;
}

static int run_exit(const struct request *r)
{
    run_constant(r);
    fputs("an early line\nno more paper\n\n", stderr);
    return 3;
}

static int run_garbage(const struct request *r)
{
    (void)r;
    puts("Segmentation fault? no, just prose");
    return 0;
}

static int run_array(const struct request *r)
{
    (void)r;
    puts("[1, 2, 3]");
    return 0;
}

static int run_wrong(const struct request *r)
{
    printf("{\"protocol\": \"taskcost-worker\", \"protocol_version\": 1, \"model\": \"%s\", "
           "\"workload\": \"someone-elses\", \"status\": \"ok\", \"metrics\": []}\n",
           r->model);
    return 0;
}

static int run_partial(const struct request *r)
{
    print_head(r, "ok");
    fputs(", \"metrics\": [{\"name\": \"cost\", \"samp", stdout);
    return 0;
}

static int run_failed(const struct request *r)
{
    print_head(r, "failed");
    puts(", \"reason\": \"the sum was 41, expected 42\"}");
    return 0;
}

static int run_limited(const struct request *r)
{
    print_head(r, "limited");
    puts(", \"reason\": \"RLIMIT_NOFILE allows 64 descriptors, 2010 are needed\", "
         "\"limit\": {\"name\": \"RLIMIT_NOFILE\", \"value\": 64, \"needed\": 2010}}");
    return 0;
}

static int run_skipped(const struct request *r)
{
    print_head(r, "skipped");
    puts(", \"reason\": \"this fake cannot\"}");
    return 0;
}

/* More on standard error than a pipe holds, so that a driver that does not read it hangs. */
static int run_noisy(const struct request *r)
{
    for (int i = 0; i < 20000; i++)
        fprintf(stderr, "line %d of much\n", i);
    return run_constant(r);
}

/* Leaves a child behind that keeps the worker's standard output open. */
static int run_orphan(const struct request *r)
{
    if (fork() == 0) {
        while (pause() < 0) {
        }
    }
    return run_constant(r);
}

static int run_flood(const struct request *r)
{
    static char block[1 << 16];
    (void)r;
    memset(block, ' ', sizeof block);
    while (write(STDOUT_FILENO, block, sizeof block) > 0) {
    }
    return 0;
}

/* Tells what it was started with, on standard error, and fails, so that it is shown. */
static int run_conditions(const struct request *r)
{
    struct rlimit files;
    char line[256], cpus[128] = "";
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        sscanf(line, "Cpus_allowed_list: %127s", cpus);
    if (status)
        fclose(status);
    getrlimit(RLIMIT_NOFILE, &files);
    print_head(r, "failed");
    printf(", \"reason\": \"cpus=%s nofile=%s group=%s stdin=%d fd3=%s env=", cpus,
           files.rlim_cur == files.rlim_max ? "max" : "less", getpgrp() == getpid() ? "own" : "not",
           getchar(), fcntl(3, F_GETFD) < 0 ? "closed" : "open");
    for (char **variable = environ; *variable; variable++)
        printf("%.*s,", (int)strcspn(*variable, "="), *variable);
    puts("\"}");
    return 0;
}

static const struct {
    const char *name;
    int (*run)(const struct request *request);
    const char *sweeps; /* of its entry in the list */
} behaviours[] = {
    {"array", run_array, ""},
    {"conditions", run_conditions, ""},
    {"constant", run_constant,
     "{\"profile\": \"quick\", \"models\": [], \"placements\": [\"one-core\", \"free\"], "
     "\"tasks\": [10, 100], \"parameters\": {\"level\": [\"0\", \"5\"]}}, "
     "{\"profile\": \"default\", \"models\": [\"fake\"], \"placements\": [\"free\"], "
     "\"tasks\": [1000], \"parameters\": {}}"},
    {"crash", run_crash, ""},
    {"drifting", run_drifting, ""},
    {"exit", run_exit, ""},
    {"failed", run_failed, ""},
    {"flood", run_flood, ""},
    {"garbage", run_garbage, ""},
    {"hang", run_hang, ""},
    {"limited", run_limited, ""},
    {"noisy", run_noisy, ""},
    {"orphan", run_orphan, ""},
    {"partial", run_partial, ""},
    {"skipped", run_skipped, ""},
    {"slow", run_slow, ""},
    {"wrong", run_wrong, ""},
};
enum { BEHAVIOURS = sizeof behaviours / sizeof behaviours[0] };

/* -- the two commands -- */

static int list(const char *model)
{
    printf("{\"protocol\": \"taskcost-worker\", \"protocol_version\": 1, \"model\": \"%s\", "
           "\"description\": \"figures that are known beforehand\", \"workloads\": [",
           model);
    for (int i = 0; i < BEHAVIOURS; i++)
        printf("%s{\"name\": \"%s\", \"question\": \"what does the driver make of %s?\", "
               "\"metrics\": [{\"name\": \"cost\", \"unit\": \"ns\"}], "
               "\"parameters\": [{\"name\": \"level\", \"values\": [\"0\", \"5\"], \"open\": true, "
               "\"help\": \"added to each sample\"}, {\"name\": \"log\", \"values\": [\"none\"], "
               "\"open\": true, \"help\": \"where runs are noted\"}], "
               "\"tasks_min\": 2, \"tasks_default\": 10, \"sweeps\": [%s]}",
               i ? ", " : "", behaviours[i].name, behaviours[i].name, behaviours[i].sweeps);
    puts("], \"unsupported\": [{\"name\": \"impossible\", \"reason\": \"fakes cannot\"}]}");
    return 0;
}

static void note_run(const struct request *r)
{
    if (strcmp(r->log, "none") == 0)
        return;
    int fd = open(r->log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (fd < 0)
        return;
    dprintf(fd, "%s %s %s %d\n", r->model, r->workload, r->tasks, (int)getpid());
    close(fd);
}

static int run(const char *model, int argc, char **argv)
{
    struct request r = {model, argv[2], "0", "none", 0, 0, 200};
    for (int i = 3; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--tasks") == 0)
            r.tasks = argv[i + 1];
        else if (strcmp(argv[i], "--inject") == 0)
            r.inject = strtol(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--laps") == 0)
            prctl(PR_SET_PDEATHSIG, SIGKILL); /* it is traced: see docs/protocol.md */
        else if (strcmp(argv[i], "--time-ms") == 0)
            r.time_ms = strtoull(argv[i + 1], NULL, 10);
        else if (strncmp(argv[i + 1], "log=", 4) == 0)
            r.log = argv[i + 1] + 4;
        else if (strncmp(argv[i + 1], "level=", 6) == 0)
            r.level = strtol(argv[i + 1] + 6, NULL, 10);
    }
    note_run(&r);
    for (int i = 0; i < BEHAVIOURS; i++)
        if (strcmp(behaviours[i].name, r.workload) == 0)
            return behaviours[i].run(&r);
    fprintf(stderr, "no behaviour is named %s\n", r.workload);
    return 2;
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    const char *model = (slash ? slash + 1 : argv[0]) + strlen("worker-");
    if (argc >= 2 && strcmp(argv[1], "list") == 0)
        return list(model);
    if (argc >= 3 && strcmp(argv[1], "run") == 0)
        return run(model, argc, argv);
    fprintf(stderr,
            "usage: %s list | run WORKLOAD --tasks N [--param NAME=VALUE]... [--time-ms T]\n",
            argv[0]);
    return 2;
}
