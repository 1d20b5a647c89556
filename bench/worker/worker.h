/* SPDX-License-Identifier: MIT
 *
 * Private to the worker: the state of the one round that a worker process measures.
 */
#ifndef WORKER_H
#define WORKER_H

#include "harness/hist.h"
#include "harness/json.h"
#include "harness/workload.h"

#include "base/status.h"

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
};

/* What one metric collects. */
struct series {
    double *values;
    size_t count, capacity;
    struct tc_hist *hist; /* instead of values, for metrics that want a distribution */
};

enum phase { PHASE_START, PHASE_WARM, PHASE_MEASURE, PHASE_DONE };

struct wl_round {
    const struct workload *workload;
    uint64_t tasks;
    const char *params[2 * WL_MAX_PARAMS]; /* values: the workload's, then the model's */
    uint64_t time_ns;                      /* how long to measure */
    uint64_t exact_laps; /* --laps: one sample of so many, no warm-up; 0 for not */

    enum phase phase;
    uint64_t laps;                        /* of the sample under way */
    uint64_t last_elapsed_ns, last_total; /* of the last sample; of all in this phase */
    uint64_t start_ns, phase_start_ns;
    uint64_t samples, operations, measured_ns; /* of the measured samples */
    struct counters before, after;
    double migrations_before, migrations_after; /* NaN where it can't be read */
    struct series series[WL_MAX_METRICS];

    struct memory_reading {
        double resident, page_tables, kernel_stack, slab, free_drop;
    } memory_before;
};

/* -- sampling.c -- */
void series_add(struct wl_round *round, unsigned metric, double value);

/* -- meters.c -- */
void counters_read(struct counters *counters);
const char *counter_name(enum worker_counter counter, const char **unit);
/* Migrations of all threads of this process that are alive; NaN where the kernel does not say. */
double migrations_read(void);

/* -- limit.c -- */
struct limit_hit {
    char name[96];
    double value, needed;
};
/* Which limit explains that a call failed with `code`; false when none does. `what` tells threads
 * ("SPAWN") from descriptors; `index` is how many there are already. */
bool limit_explain(int code, const char *what, uint64_t index, struct limit_hit *hit);

/* -- output.c -- */
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
