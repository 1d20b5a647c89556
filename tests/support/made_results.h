/* SPDX-License-Identifier: MIT
 *
 * Results that no machine measured, for tests of what reads them: a document with a named machine,
 * and rounds with the value, the block and the speed probe that a test wants.
 */
#ifndef MADE_RESULTS_H
#define MADE_RESULTS_H

#include "harness/results.h"
#include "test_main.h"

#include <math.h>

/* A document of a finished run on the machine `host`. */
static inline struct tc_results *made_results(const char *host)
{
    struct tc_results *results = tc_results_new();
    tc_json *cpu = tcj_object();
    results->id = strdup("made");
    results->started = strdup("2026-01-01T00:00:00Z");
    results->complete = true;
    tcj_set(cpu, "model", tcj_string("Test CPU"));
    tcj_set(results->environment, "host", tcj_string(host));
    tcj_set(results->environment, "cpu", cpu);
    return results;
}

/* The cell that most tests want: 100 tasks on one core, without parameters. */
static inline struct tc_cell made_cell(const char *workload, const char *model)
{
    return (struct tc_cell){.workload = (char *)(uintptr_t)workload,
                            .model = (char *)(uintptr_t)model,
                            .placement = (char *)(uintptr_t) "one-core",
                            .tasks = 100};
}

static inline tc_json *made_metric(const char *name, const char *unit, double value)
{
    tc_json *metric = tcj_object(), *samples = tcj_array();
    tcj_append(samples, tcj_number(value));
    tcj_set(metric, "name", tcj_string(name));
    tcj_set(metric, "unit", tcj_string(unit));
    tcj_set(metric, "samples", samples);
    return metric;
}

static inline tc_json *made_observed(double probe)
{
    tc_json *observed = tcj_object(), *inner = tcj_object();
    tcj_set(inner, "median", tcj_number(probe));
    tcj_set(observed, "probe", inner);
    return observed;
}

/* One round with one sample of `metric`; `probe` NaN for a worker that has none. */
static inline void made_round(struct tc_results *results, const struct tc_cell *cell,
                              uint64_t block, const char *metric, const char *unit, double value,
                              double probe)
{
    tc_json *round = tcj_object(), *metrics = tcj_array();
    struct tc_error err;
    tcj_set(round, "protocol", tcj_string("taskcost-worker"));
    tcj_set(round, "protocol_version", tcj_integer(1));
    tcj_set(round, "model", tcj_string(cell->model));
    tcj_set(round, "workload", tcj_string(cell->workload));
    tcj_set(round, "status", tcj_string("ok"));
    tcj_append(metrics, made_metric(metric, unit, value));
    tcj_set(round, "metrics", metrics);
    if (!isnan(probe))
        tcj_set(round, "observed", made_observed(probe));
    if (tc_results_add_round(results, cell, block, round, &err) < 0)
        fail_msg("%s", err.text);
    tcj_free(round);
}

#endif
