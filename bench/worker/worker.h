/* SPDX-License-Identifier: MIT
 *
 * Private to the worker: the state of the one round that a worker process measures.
 */
#ifndef WORKER_H
#define WORKER_H

#include "harness/hist.h"
#include "harness/json.h"
#include "harness/limits.h"
#include "harness/stats.h"
#include "harness/workload.h"

#include "base/status.h"

#include <sched.h>

/* What is written beside the workload's own metrics, an operation each. */
enum worker_counter {
    COUNTER_CPU_TIME,
    COUNTER_SWITCHES_VOLUNTARY,
    COUNTER_SWITCHES_INVOLUNTARY,
    COUNTER_PAGE_FAULTS,
    COUNTER_COUNT
};

struct counters {
    uint64_t values[COUNTER_COUNT];
    uint64_t faults_major; /* of the page faults */
};

/* A list of figures that grows. */
struct values {
    double *items;
    size_t count, capacity;
};

/* What one metric collects. */
struct series {
    struct values values;
    struct tc_hist *hist; /* instead of values, for metrics that want a distribution */
    char absent[256];     /* why there is neither, or "" */
};

/* The speed of the CPU between samples; see probe.c. */
struct probe {
    struct values values; /* ns a step, each probe's fastest chunk */
    uint64_t due_ns;
    uint64_t cpu_ns; /* what the probes took so far */
    cpu_set_t seen;  /* CPUs that the sampling thread was found on */
};

/* See conditions.c. NULL where nothing was sampled. */
struct conditions {
    tc_json *before, *after;
    cpu_set_t allowed, allowed_after;
};

/* What memory.c reads of the process and of the machine. */
enum { MEMORY_PARTS = 7 };

/* Planned requests; see schedule.c. */
struct schedule {
    enum { LOAD_UNREAD, LOAD_CLOSED, LOAD_OPEN } load;
    uint64_t rate;      /* as asked for; 0 for half of the capacity */
    struct values warm; /* service times of the warm-up, which tell the capacity */
    double interval_ns;
    uint64_t origin_ns, end_ns; /* when the first was due; when the last was answered */
    uint64_t slots, missed;
    bool stalled;
};

/* A limit that was met or will be. */
struct limit_hit {
    char name[64], path[512]; /* see struct tc_limit; no name where there is none */
    double value, needed;
    bool bytes; /* what they count */
};

/* The most tasks at once; see ceiling.c. */
struct ceiling {
    struct tc_limits limits;                          /* before the first task */
    double before[TC_RESOURCES], needs[TC_RESOURCES]; /* the same; of one task */
    void *spare;
    bool piloted;
    double predicted;
    struct limit_hit expected, found;
};

enum phase { PHASE_START, PHASE_WARM, PHASE_MEASURE, PHASE_DONE };

struct wl_round {
    const struct workload *workload;
    uint64_t tasks;
    const char *params[2 * WL_MAX_PARAMS]; /* values: the workload's, then the model's */
    uint64_t time_ns;                      /* how long to measure */
    uint64_t inject_percent;               /* --inject: by how much each sample is slowed down */
    uint64_t exact_laps; /* --laps: one sample of so many, no warm-up; 0 for not */
    uint64_t stall_ns;   /* --stall-ms: for the tests, planted into the first request; 0 for not */

    enum phase phase;
    uint64_t laps;                        /* of the sample under way */
    uint64_t last_elapsed_ns, last_total; /* of the last sample; of all in this phase */
    uint64_t start_ns, phase_start_ns;
    uint64_t samples, operations, measured_ns; /* of the measured samples */
    uint64_t span_ns;                          /* from the first of them to the last */
    struct counters before, after;
    double migrations_before, migrations_after; /* NaN where it can't be read */
    struct series series[WL_MAX_METRICS];
    struct schedule schedule;
    struct ceiling ceiling;
    struct probe probe;
    struct conditions conditions;
    uint64_t probe_cpu_ns; /* of the probes between the two readings of the counters */

    double memory_before[MEMORY_PARTS]; /* bytes; NaN where it can't be read */
    const char *memory_method;          /* how the memory was read; NULL where it was not */
};

/* -- sampling.c -- */
void series_add(struct wl_round *round, unsigned metric, double value);
/* The number of a metric that the workload has declared. */
unsigned metric_index(const struct wl_round *round, const char *name);

void values_add(struct values *values, double value);

/* -- probe.c -- */
/* One probe now, some 20 us / only when the last is INTERVAL_NS ago. */
void probe_take(struct probe *probe);
void probe_take_if_due(struct probe *probe);
/* Notes which CPU the calling thread is on. */
void probe_see_cpu(struct probe *probe);
/* The round's "probe" (docs/protocol.md); `span_ns` is the time that the probes were spread over.
 * There must have been one. */
tc_json *probe_describe(const struct probe *probe, uint64_t span_ns);

/* -- conditions.c -- */
void conditions_begin(struct conditions *conditions);
void conditions_end(struct conditions *conditions);
/* The round's "conditions" (docs/protocol.md), once it has ended. */
tc_json *conditions_describe(const struct wl_round *round);

/* -- schedule.c -- */
/* Whether no request is due within `time_ns`; so always in a closed loop. */
bool schedule_leaves(struct wl_round *round, uint64_t time_ns);

/* -- meters.c -- */
void counters_read(struct counters *counters);
const char *counter_name(enum worker_counter counter, const char **unit);
/* The number after `key` in a /proc file of "key: number" lines; NaN when there is none. */
double field_read(const char *path, const char *key);
/* Migrations of all threads of this process that are alive; NaN where the kernel does not say. */
double migrations_read(void);

/* -- memory.c -- */
/* What the worker's own memory cgroup was charged with between the two readings, in bytes; empty
 * where there was none. */
tc_json *memory_group_observed(void);
/* Leaves the cgroup of the round, if it is still there: before any end of the process. */
void memory_group_leave(void);

/* -- environment.c -- */
/* Sees to it that the environment has what a parameter of the model asks for: executes the program
 * again where it has not. Returns only when it has (0), or -EINVAL with a sentence. */
int environment_prepare(const struct wl_round *round, char **argv, struct tc_error *err);

/* -- limit.c -- */
/* What was refused: a negative errno value, for which call ("SPAWN..." for a task), for which task,
 * and how many bytes, where the caller knows. */
struct refusal {
    int code;
    const char *what;
    uint64_t index, bytes;
};
/* Which limit explains a refusal; false when none does. */
bool limit_explain(const struct wl_round *round, const struct refusal *refusal,
                   struct limit_hit *hit);
/* That limit, when so much more of it was asked for. */
void limit_hit_set(struct limit_hit *hit, const struct tc_limit *limit, double asked);
/* The "limit" of a round (docs/protocol.md). */
tc_json *limit_describe(const struct limit_hit *hit);

/* -- ceiling.c -- */
/* What the prediction rests on. */
tc_json *ceiling_observed(const struct wl_round *round);

/* -- output.c -- */
/* Why this worker's model can't run a workload; NULL when it can. */
const char *unsupported_because(const struct workload *workload);
tc_json *output_list(const struct workload *const *workloads);
/* The round's object; takes nothing. With a reason it is not ok. */
tc_json *output_round(const struct wl_round *round, const char *status, const char *reason,
                      const struct limit_hit *limit);
/* Writes the object of a round and ends the process; the first caller wins, whichever thread. */
_Noreturn void output_finish(const struct wl_round *round, const char *status, const char *reason,
                             const struct limit_hit *limit);

/* The value of a comma-separated list's first item, copied into `text`. */
const char *first_value(const char *values, char *text, size_t size);

#endif
