/* SPDX-License-Identifier: MIT
 *
 * The load generator wrk (https://github.com/wg/wrk) as a child of the worker: started on PUs of
 * its own where there are some, stopped by SIGINT, after which it reports and ends. It stops within
 * a tenth of a second, its interval of bookkeeping. What it reports is written by a script of ours
 * that it runs at its end, so that no table for people has to be read; of its percentiles it says
 * that they include what it believes stalls to have hidden (its stats_correct).
 */
#ifndef WRK_H
#define WRK_H

#include "harness/workload.h"

#include "base/parse.h"
#include "base/status.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRK_REPORT_BYTES = 4096, WRK_THREADS_MAX = 8 };

struct wrk {
    pid_t pid;
    int output;                        /* of both its streams; its end is wrk's */
    char report[WRK_REPORT_BYTES + 1]; /* what was read of it */
    size_t size;
};

static const char wrk_script[] =
    "function done(s, l, r)\n"
    "  local e = s.errors\n"
    "  io.write(string.format('\\nreport requests=%d errors=%d p50=%d p99=%d p999=%d max=%d\\n',\n"
    "    s.requests, e.connect + e.read + e.write + e.status + e.timeout,\n"
    "    l:percentile(50), l:percentile(99), l:percentile(99.9), l.max))\n"
    "end\n";

static bool wrk_is_there(void)
{
    char paths[4096], *rest;
    snprintf(paths, sizeof paths, "%s", getenv("PATH") ? getenv("PATH") : "");
    for (char *p = strtok_r(paths, ":", &rest); p; p = strtok_r(NULL, ":", &rest)) {
        char path[4200];
        snprintf(path, sizeof path, "%s/wrk", p);
        if (access(path, X_OK) == 0)
            return true;
    }
    return false;
}

/* Whether strace follows this process, and so would wrk. */
static bool wrk_is_followed(void)
{
    char line[256];
    int tracer = 0;
    FILE *status = fopen("/proc/self/status", "re");
    while (status && fgets(line, sizeof line, status))
        sscanf(line, "TracerPid: %d", &tracer);
    if (status)
        fclose(status);
    return tracer != 0;
}

/* client=aside: the PUs where the driver is (it stands aside of the placement) without those of the
 * worker; or the worker's own, when there are no others. */
static cpu_set_t wrk_cpus(struct wl_round *round)
{
    cpu_set_t own, all, aside;
    MUST(sched_getaffinity(0, sizeof own, &own) == 0);
    const char *client = wl_param(round, "client");
    if (strcmp(client, "same") == 0)
        return own;
    if (strcmp(client, "aside") != 0)
        wl_wrong(round, "client '%s' is neither aside nor same", client);
    if (sched_getaffinity(getppid(), sizeof all, &all) < 0)
        return own;
    CPU_AND(&aside, &all, &own);
    CPU_XOR(&aside, &all, &aside);
    return CPU_COUNT(&aside) > 0 ? aside : own;
}

static int wrk_script_file(struct wl_round *round)
{
    int fd = memfd_create("wrk-script", 0);
    if (fd < 0)
        wl_fail(round, -errno, "memfd_create", 0);
    WL_EXPECT(round, write(fd, wrk_script, sizeof wrk_script - 1), sizeof wrk_script - 1);
    return fd;
}

static _Noreturn void wrk_become(char *const *argv, const cpu_set_t *cpus, int output)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (sched_setaffinity(0, sizeof *cpus, cpus) == 0 && dup2(output, STDOUT_FILENO) >= 0 &&
        dup2(output, STDERR_FILENO) >= 0)
        execvp(argv[0], argv);
    _exit(127);
}

/* Starts wrk against http://127.0.0.1:port/ with so many connections. It goes on for longer than
 * any round: wrk_stop() ends it. */
static void wrk_start(struct wrk *wrk, struct wl_round *round, uint16_t port, uint64_t connections)
{
    char threads[24], count[24], url[64], script[32];
    cpu_set_t cpus = wrk_cpus(round);
    int ends[2], script_fd = wrk_script_file(round);
    uint64_t most = connections < WRK_THREADS_MAX ? connections : WRK_THREADS_MAX;
    uint64_t pus = (uint64_t)CPU_COUNT(&cpus);
    snprintf(threads, sizeof threads, "%llu", (unsigned long long)(pus < most ? pus : most));
    snprintf(count, sizeof count, "%llu", (unsigned long long)connections);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
    snprintf(script, sizeof script, "/dev/fd/%d", script_fd);
    const char *const argv[] = {"wrk",       "-t", threads, "-c",   count, "-d", "1h",
                                "--timeout", "1m", "-s",    script, url,   NULL};
    if (pipe2(ends, O_CLOEXEC) < 0)
        wl_fail(round, -errno, "pipe2", 0);
    *wrk = (struct wrk){.output = ends[0], .pid = fork()};
    if (wrk->pid < 0)
        wl_fail(round, -errno, "fork", 0);
    if (wrk->pid == 0)
        wrk_become((char *const *)(uintptr_t)argv, &cpus, ends[1]);
    close(ends[1]);
    close(script_fd);
}

/* While it should be under load: that it has not ended. */
static void wrk_expect_alive(struct wrk *wrk, struct wl_round *round)
{
    int status;
    if (waitpid(wrk->pid, &status, WNOHANG) == 0)
        return;
    if (read(wrk->output, wrk->report + wrk->size, WRK_REPORT_BYTES - wrk->size) < 0 && !wrk->size)
        wl_wrong(round, "wrk has ended early, without a word");
    wl_wrong(round, "wrk has ended early and said: %.300s", wrk->report);
}

/* It ends and reports; its output is to be read to the end then. */
static void wrk_stop(struct wrk *wrk)
{
    kill(wrk->pid, SIGINT);
}

/* The number after "name=" in the report. */
static double wrk_figure(struct wrk *wrk, struct wl_round *round, const char *name)
{
    char key[16];
    snprintf(key, sizeof key, " %s=", name);
    const char *report = strstr(wrk->report, "\nreport "),
               *at = report ? strstr(report, key) : NULL;
    if (!at)
        wl_wrong(round, "wrk did not report its %s; it said: %.300s", name, wrk->report);
    return strtod(at + strlen(key), NULL);
}

/* Once its output was read to the end: that it saw no error, and as many answers as were given, but
 * for those that were on their way when it stopped. Records its latencies. */
static void wrk_finish(struct wrk *wrk, struct wl_round *round, uint64_t answered,
                       uint64_t connections)
{
    static const char *const figures[][2] = {{"p50", "latency_p50"},
                                             {"p99", "latency_p99"},
                                             {"p999", "latency_p999"},
                                             {"max", "latency_max"}};
    int status;
    while (waitpid(wrk->pid, &status, 0) < 0)
        if (errno != EINTR)
            wl_fail(round, -errno, "waitpid", 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        wl_wrong(round, "wrk ended with status %d and said: %.300s", status, wrk->report);
    WL_EXPECT(round, wrk_figure(wrk, round, "errors"), 0);
    double requests = wrk_figure(wrk, round, "requests");
    if (requests > (double)answered || requests + (double)connections < (double)answered)
        wl_wrong(round, "wrk counted %.0f answers, the server %llu", requests,
                 (unsigned long long)answered);
    for (size_t i = 0; i < TC_COUNT_OF(figures); i++) /* wrk counts in us */
        wl_record_extra(round, figures[i][1], wrk_figure(wrk, round, figures[i][0]) * 1000);
}

#endif
