/* SPDX-License-Identifier: MIT
 *
 * Counting system calls with strace; see harness/system_calls.h. How many laps the second run has
 * is found from the first: so many that the calls of the laps outweigh chance (a signal, a page
 * that has to be fetched), and no more than a second's worth.
 */
#include "harness/system_calls.h"

#include "harness/round.h"

#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FEW_LAPS = 3, MORE_LAPS_MIN = 3, CALLS_WANTED = 20000 };
#define PASS_NS (5 * TC_NS_PER_S) /* for each of both processes */
#define LAPS_NS TC_NS_PER_S       /* that the additional laps may take */

struct counted {
    double calls, operations;
    uint64_t wall_ns;
};

/* -- strace -- */

/* The first executable of that name in PATH. */
static bool find_strace(char *path, size_t size)
{
    static const char program[] = "/strace";
    const char *folders = getenv("PATH");
    if (!folders)
        return false;
    for (const char *at = folders; *at; at += strcspn(at, ":"), at += *at == ':') {
        size_t length = strcspn(at, ":");
        if (length == 0 || length + sizeof program > size)
            continue;
        memcpy(path, at, length);
        memcpy(path + length, program, sizeof program);
        if (access(path, X_OK) == 0)
            return true;
    }
    return false;
}

/* Adds up the table of `strace -c`: "% time  seconds  usecs/call  calls  [errors]  name", with
 * rules around it and a total below, which is not a call. */
static double sum_of_table(FILE *table)
{
    char line[256];
    double sum = 0, calls;
    while (fgets(line, sizeof line, table)) {
        line[strcspn(line, "\n")] = '\0';
        const char *name = strrchr(line, ' ');
        if (name && strcmp(name, " total") != 0 && sscanf(line, "%*f %*f %*f %lf", &calls) == 1)
            sum += calls;
    }
    return sum;
}

/* One traced run; -EINTR, or another negative value with the reason why there is no count. */
static int trace(const struct tc_planned *planned, const struct tc_round_order *order,
                 const char *table_path, struct counted *out, struct tc_error *err)
{
    struct tc_round_outcome outcome;
    int code = 0;
    tc_round_run(planned, order, &outcome);
    const char *status = tcj_text(tcj_get(outcome.object, "status"), "ok");
    *out = (struct counted){.wall_ns = outcome.wall_ns, .operations = NAN};
    tcj_read_number(tcj_get(outcome.object, "operations"), &out->operations);
    if (outcome.interrupted)
        code = tc_fail(err, -EINTR, "the program was asked to stop");
    else if (outcome.timed_out)
        code = tc_fail(err, -ETIME, "a traced round took more than %.2g s",
                       (double)order->limit_ns / TC_NS_PER_S);
    else if (!outcome.object)
        code = tc_fail(err, -EIO, "%s", outcome.reason.text);
    else if (strcmp(status, "ok") != 0)
        code = tc_fail(err, -EIO, "the traced round was %.20s: %.300s", status,
                       tcj_text(tcj_get(outcome.object, "reason"), ""));
    tc_round_clear(&outcome);
    FILE *table = code == 0 ? fopen(table_path, "re") : NULL;
    if (code == 0 && !table)
        return tc_fail(err, -EIO, "strace left no table: %s", strerror(errno));
    if (table) {
        out->calls = sum_of_table(table);
        fclose(table);
    }
    return code;
}

/* -- the difference -- */

static uint64_t more_laps(const struct counted *few)
{
    double for_calls = FEW_LAPS * CALLS_WANTED / fmax(few->calls, 1);
    double for_time = FEW_LAPS * (double)LAPS_NS / fmax((double)few->wall_ns, 1);
    return (uint64_t)fmax(MORE_LAPS_MIN, fmin(for_calls, for_time));
}

static int count(const struct tc_planned *planned, struct tc_round_order *order,
                 const char *table_path, uint64_t limit_ns, double *calls, struct tc_error *err)
{
    struct counted few, many;
    order->laps = FEW_LAPS;
    order->limit_ns = limit_ns < PASS_NS ? limit_ns : PASS_NS;
    int code = trace(planned, order, table_path, &few, err);
    if (code < 0)
        return code;
    if (!(few.operations > 0))
        return tc_fail(err, -ENODATA, "this workload has no operations to count by");
    uint64_t left_ns = limit_ns > few.wall_ns ? limit_ns - few.wall_ns : 0;
    order->laps += more_laps(&few);
    order->limit_ns = left_ns < PASS_NS ? left_ns : PASS_NS;
    code = trace(planned, order, table_path, &many, err);
    if (code < 0)
        return code;
    /* Where the scheduler decides how much is done in a lap, tracing decides it, and calls are made
     * outside the laps too. */
    if (many.operations * FEW_LAPS != few.operations * (double)order->laps)
        return tc_fail(err, -ENODATA, "a traced lap does not have the same operations each time");
    *calls = (many.calls - few.calls) / (many.operations - few.operations);
    return 0;
}

/* With a file for strace's table, which the other streams have no room for. */
static int count_with(const char *strace, const struct tc_planned *planned, uint64_t limit_ns,
                      double *calls, struct tc_error *err)
{
    char table_path[4096];
    struct tc_words prefix = {0};
    const char *folder = getenv("TMPDIR");
    snprintf(table_path, sizeof table_path, "%s/taskcost-strace-XXXXXX",
             folder && *folder ? folder : "/tmp");
    int fd = mkstemp(table_path);
    if (fd < 0)
        return tc_fail(err, -errno, "no file for strace's table: %s", strerror(errno));
    close(fd);
    const char *const words[] = {strace, "-f", "-c", "-o", table_path};
    for (size_t i = 0; i < TC_COUNT_OF(words); i++)
        tc_words_add(&prefix, words[i]);
    struct tc_round_order order = {.prefix = &prefix};
    int code = count(planned, &order, table_path, limit_ns, calls, err);
    unlink(table_path);
    tc_words_clear(&prefix);
    return code;
}

/* -- the object -- */

static tc_json *make_object(const struct tc_planned *planned, double calls, const char *reason)
{
    tc_json *out = tcj_object(), *metrics = tcj_array(), *metric = tcj_object(),
            *samples = tcj_array();
    tcj_set(out, "protocol", tcj_string("taskcost-worker"));
    tcj_set(out, "protocol_version", tcj_integer(1));
    tcj_set(out, "model", tcj_string(planned->cell.model));
    tcj_set(out, "workload", tcj_string(planned->cell.workload));
    tcj_set(out, "status", tcj_string("ok"));
    tcj_set(metric, "name", tcj_string("system_calls"));
    tcj_set(metric, "unit", tcj_string("1/operation"));
    if (reason)
        tcj_set(metric, "reason", tcj_string(reason));
    else
        tcj_append(samples, tcj_number(calls));
    tcj_set(metric, "samples", samples);
    tcj_append(metrics, metric);
    tcj_set(out, "metrics", metrics);
    return out;
}

tc_json *tc_uncounted_system_calls(const struct tc_planned *planned, const char *reason)
{
    return make_object(planned, NAN, reason);
}

int tc_count_system_calls(const struct tc_planned *planned, uint64_t limit_ns, tc_json **object,
                          struct tc_error *err)
{
    char strace[4096];
    double calls = NAN;
    struct tc_error why = {""};
    int code = 0;
    if (!planned->worker->one_thread && planned->cell.tasks > TC_TRACED_THREADS_MAX)
        code = tc_fail(&why, -E2BIG, "more than %d threads are not traced", TC_TRACED_THREADS_MAX);
    else if (!find_strace(strace, sizeof strace))
        code = tc_fail(&why, -ENOENT, "strace is not installed; the package strace has it");
    else
        code = count_with(strace, planned, limit_ns, &calls, &why);
    *object = NULL;
    if (code == -EINTR)
        return tc_fail(err, code, "%s", why.text);
    *object = make_object(planned, calls, code < 0 ? why.text : NULL);
    return 0;
}
