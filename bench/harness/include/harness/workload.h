/* SPDX-License-Identifier: MIT
 *
 * The contract between a workload and the worker that runs it.
 *
 * A workload is one source file with one `const struct workload` and one line in workloads.def. The
 * worker gives it a round (how many tasks, which parameters, how long); the workload calls back
 * with samples. Everything that decides what is timed and how often lives behind wl_next_sample(),
 * so that all workloads and models are measured by the same rule.
 */
#ifndef HARNESS_WORKLOAD_H
#define HARNESS_WORKLOAD_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wl_round; /* private to the worker */

struct wl_metric {
    const char *name, *unit;
    bool histogram; /* many samples, wanted as a distribution: kept as a histogram */
    bool beside;    /* told beside the others: no further round is run to narrow its interval */
};

/* A named choice. The first of `values` (comma-separated) is the default; a trailing "..." says
 * that other values of the same kind are taken too. */
struct wl_param {
    const char *name, *values, *help;
};

/* One line of a profile's plan: these models x placements x task counts x parameter values. A
 * parameter list is "name=a|b;other=c". An empty string takes the default. */
struct wl_sweep {
    const char *profile; /* quick, default or full: each includes the ones before */
    const char *models, *placements, *tasks, *params;
};

/* Models (comma-separated) that can't run a workload, and why, in a sentence. */
struct wl_unsupported {
    const char *models, *reason;
};

/* The line of a workload whose tasks wait for each other. */
#define WL_NO_POOL                                                                             \
    {                                                                                          \
        "threads-pool", "its tasks wait for each other; on fewer threads than tasks it would " \
                        "never end"                                                            \
    }

enum { WL_MAX_METRICS = 16, WL_MAX_PARAMS = 6, WL_MAX_SWEEPS = 20, WL_MAX_UNSUPPORTED = 4 };

struct workload {
    const char *name;
    const char *question; /* what it answers, in a line */
    struct wl_metric metrics[WL_MAX_METRICS];
    struct wl_param params[WL_MAX_PARAMS];
    struct wl_sweep sweeps[WL_MAX_SWEEPS];
    struct wl_unsupported unsupported[WL_MAX_UNSUPPORTED];
    uint64_t tasks_min, tasks_default;
    uint64_t tasks_max; /* 0: as many as the machine holds */
    /* Runs one round: returns when it is done. What fails does not return, see below. May be NULL
     * in a model that can't run it. */
    void (*run)(struct wl_round *round);
};

/* What the worker's model is, for `list` and for the result; one per program, in model_info.c. */
struct wl_model {
    const char *name, *description;
    bool one_thread;                       /* however many tasks there are */
    struct wl_param params[WL_MAX_PARAMS]; /* of the model itself, such as the stack size */
    struct wl_param
        choices[WL_MAX_PARAMS]; /* name and value of what is fixed, such as the driver */
    /* A parameter that the C library reads from the environment before main(): a number of bytes
     * that is to stand there as VARIABLE=PREFIX<bytes>. NULL: none. */
    struct wl_environment {
        const char *param, *variable, *prefix;
    } environment;
};

extern const struct wl_model wl_model;

/* Name and count of the model's operations, in the counting build only; NULL after the last. */
const char *wl_operation_count(unsigned index, uint64_t *count);

/* -- what the round asks for -- */
uint64_t wl_tasks(const struct wl_round *round);
/* How long the round is to measure (--time-ms), for workloads that do not sample. */
uint64_t wl_time_ns(const struct wl_round *round);
/* Value of a parameter the workload declares; never NULL. */
const char *wl_param(const struct wl_round *round, const char *name);
bool wl_param_is(const struct wl_round *round, const char *name, const char *value);
/* The same as a whole number within these; any other value is wrong and fails the round. */
uint64_t wl_param_count(struct wl_round *round, const char *name, uint64_t least, uint64_t most);

/* Zeroed memory for `count` items, on a cache line's boundary; free() it. Does not return without.
 */
void *wl_alloc(struct wl_round *round, uint64_t count, size_t size);

/* -- sampling --
 *
 *     while ((laps = wl_next_sample(round)) > 0) {
 *         start = tc_now_ns();
 *         ... `laps` times the work ...
 *         wl_record(round, tc_now_ns() - start, laps * operations_a_lap);
 *     }
 *
 * wl_next_sample() first warms up, raising the laps until a sample is so long that reading the
 * clock is far below 1 % of it, and then measures until the round's time is spent; it returns how
 * many laps the next sample has, or 0 for enough. wl_record() closes the sample: it keeps
 * elapsed_ns / operations for the workload's first metric, unless it was warm-up. Other metrics are
 * given with wl_record_extra() before it. A round's system counters (rusage) span the
 * time from the first measured sample to the last, what lies between them included. */
uint64_t wl_next_sample(struct wl_round *round);

/* The same for a workload whose every lap is a sample of its own. */
bool wl_next_single(struct wl_round *round);

void wl_record(struct wl_round *round, uint64_t elapsed_ns, uint64_t operations);
void wl_record_extra(struct wl_round *round, const char *metric, double value);

/* Keeps the first value that the process gives for a metric, warm-up or not, and drops the others:
 * for what the very first use of something costs. */
void wl_record_first(struct wl_round *round, const char *metric, double value);

/* That a metric could not be measured in this round, and why, in a sentence. */
void wl_record_absent(struct wl_round *round, const char *metric, const char *reason);

/* Once the sampling is over: `units` per measured operation, a second, as one figure of the round.
 */
void wl_record_throughput(struct wl_round *round, const char *metric, uint64_t units);

/* -- requests: a sample each, sent one after another (closed loop) or at planned times (open) --
 *
 *     while (wl_next_request(round, &request)) {
 *         if (wl_is_open(round))
 *             AWAIT(sleep_until(&timer, request.due_ns));
 *         wl_request_start(round, &request);
 *         ... the request and its answer ...
 *         wl_request_end(round, &request);
 *     }
 *     wl_record_load(round, units);
 *
 * The workload's parameters begin with WL_LOAD_PARAMS and its metrics with WL_LOAD_METRICS. The
 * first metric is the service time, from wl_request_start(); in the open loop `response` counts
 * from the planned time, see worker/schedule.c. Warming up is always a closed loop. */
struct wl_request {
    uint64_t due_ns; /* 0 in a closed loop; a time that has passed is not slept to */
    uint64_t start_ns;
};

/* clang-format off */
#define WL_LOAD_PARAMS                                                                             \
    {"load", "closed,open",                                                                        \
     "closed: a request follows the last one's answer; open: requests are sent at planned times"}, \
    {"rate", "half,1000,...",                                                                      \
     "open: requests a second; half: of what the round's warm-up did in a closed loop"}
#define WL_LOAD_METRICS                                                                            \
    {.name = "latency", .unit = "ns", .histogram = true},                                          \
    {.name = "response", .unit = "ns", .histogram = true},                                         \
    {.name = "throughput", .unit = "1/s"},                                                         \
    {.name = "offered_rate", .unit = "1/s"},                                                       \
    {.name = "achieved_rate", .unit = "1/s"},                                                      \
    {.name = "missed_slots", .unit = "1/operation"}
/* clang-format on */

bool wl_is_open(struct wl_round *round);
bool wl_next_request(struct wl_round *round, struct wl_request *request);
void wl_request_start(struct wl_round *round, struct wl_request *request);
void wl_request_end(struct wl_round *round, const struct wl_request *request);

/* Once there are no more: in a closed loop the throughput, `units` a request; in the open loop the
 * planned and the achieved requests a second and the share of missed slots. */
void wl_record_load(struct wl_round *round, uint64_t units);

/* -- memory: everything the machine gave between the two calls, divided by wl_tasks(). The
 * workload's metrics begin with WL_MEMORY_METRICS; it records `tasks_alive` itself. -- */
/* clang-format off */
#define WL_MEMORY_METRICS                                                                          \
    {.name = "memory_total", .unit = "B", .beside = true},                                         \
    {.name = "memory_resident", .unit = "B"},                                                      \
    {.name = "memory_page_tables", .unit = "B", .beside = true},                                   \
    {.name = "memory_kernel_stack", .unit = "B", .beside = true},                                  \
    {.name = "memory_slab", .unit = "B", .beside = true},                                          \
    {.name = "memory_kernel_other", .unit = "B", .beside = true},                                  \
    {.name = "memory_huge_pages", .unit = "B", .beside = true},                                    \
    {.name = "memory_cgroup", .unit = "B", .beside = true},                                        \
    {.name = "memory_cgroup_kernel", .unit = "B", .beside = true},                                 \
    {.name = "memory_free_drop", .unit = "B", .beside = true},                                     \
    {.name = "tasks_alive", .unit = "count"}
/* clang-format on */
void wl_memory_before(struct wl_round *round);
void wl_memory_after(struct wl_round *round);

/* -- the most tasks that can be alive at once: of the workload `limit`, see worker/ceiling.c -- */

/* Before the first task. */
void wl_ceiling_begin(struct wl_round *round);
/* With `alive` tasks waiting: how many more to start before asking again; 0 for no more. */
uint64_t wl_ceiling_next(struct wl_round *round, uint64_t alive);
/* While they still wait: records how many there are, how many were predicted and what stopped them,
 * and ends the round. `code` is the negative errno value of the first that was refused, or 0. Does
 * not return: letting them all go would take memory that there may not be, and time in which nobody
 * else on the machine can start anything. */
_Noreturn void wl_ceiling_end(struct wl_round *round, int code, uint64_t alive);

/* -- verdicts: none of these returns. They print the round's object and end the process, because a
 * process is the one unit that can be cleaned up with tasks half-way through whatever they do. --
 */

/* All is measured: the round is `ok`. For a workload whose tasks are to end with the process. */
_Noreturn void wl_end(struct wl_round *round);

/* A wrong answer: the round is `failed`, loudly. */
_Noreturn void wl_wrong(struct wl_round *round, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* This model or machine cannot do it: the round is `skipped`. */
_Noreturn void wl_skip(struct wl_round *round, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A call failed with a negative errno value while `what` was being done for task `index`. The round
 * is `limited`, with the limit's name and value, when one was hit, and `failed` otherwise. */
_Noreturn void wl_fail(struct wl_round *round, int code, const char *what, uint64_t index);

/* Checks an answer. */
#define WL_EXPECT(round, actual, expected)                                                   \
    do {                                                                                     \
        int64_t wl__actual = (int64_t)(actual), wl__expected = (int64_t)(expected);          \
        if (__builtin_expect(wl__actual != wl__expected, 0))                                 \
            wl_wrong((round), "%s is %lld and must be %lld", #actual, (long long)wl__actual, \
                     (long long)wl__expected);                                               \
    } while (0)

/* Checks a call that returns a negative errno value when it fails. */
#define WL_TRY(round, call, index)                           \
    do {                                                     \
        int64_t wl__code = (call);                           \
        if (__builtin_expect(wl__code < 0, 0))               \
            wl_fail((round), (int)wl__code, #call, (index)); \
    } while (0)

#endif
