/* SPDX-License-Identifier: MIT
 *
 * The worker's two objects: what it can run, and what one round gave (docs/protocol.md).
 */
#include "worker.h"

#include "base/clock.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -- lists of words -- */

const char *first_value(const char *values, char *text, size_t size)
{
    snprintf(text, size, "%.*s", (int)strcspn(values, ","), values);
    return text;
}

/* "a,b" as ["a", "b"]; items of digits as numbers where asked. */
static tc_json *split(const char *list, char separator, bool numbers)
{
    tc_json *out = tcj_array();
    char items[1024], ends[] = {separator, '\0'}, *rest;
    snprintf(items, sizeof items, "%s", list);
    for (char *item = strtok_r(items, ends, &rest); item; item = strtok_r(NULL, ends, &rest))
        if (strcmp(item, "...") != 0)
            tcj_append(out, numbers ? tcj_integer(atoll(item)) : tcj_string(item));
    return out;
}

/* "stack=default|1MiB;other=c" as {"stack": ["default", "1MiB"], "other": ["c"]}. */
static tc_json *split_params(const char *list)
{
    tc_json *out = tcj_object();
    char name[64], values[256];
    for (const char *p = list; *p; p += strcspn(p, ";"), p += *p == ';') {
        size_t name_length = strcspn(p, "=");
        snprintf(name, sizeof name, "%.*s", (int)name_length, p);
        const char *from = p + name_length + (p[name_length] == '=');
        snprintf(values, sizeof values, "%.*s", (int)strcspn(from, ";"), from);
        tcj_set(out, name, split(values, '|', false));
    }
    return out;
}

/* -- list -- */

static tc_json *describe_param(const struct wl_param *param)
{
    tc_json *out = tcj_object();
    tcj_set(out, "name", tcj_string(param->name));
    tcj_set(out, "values", split(param->values, ',', false));
    tcj_set(out, "open", tcj_bool(strstr(param->values, "...") != NULL));
    tcj_set(out, "help", tcj_string(param->help));
    return out;
}

static tc_json *describe_sweep(const struct wl_sweep *sweep)
{
    tc_json *out = tcj_object();
    tcj_set(out, "profile", tcj_string(sweep->profile));
    tcj_set(out, "models", split(sweep->models, ',', false));
    tcj_set(out, "placements", split(sweep->placements, ',', false));
    tcj_set(out, "tasks", split(sweep->tasks, ',', true));
    tcj_set(out, "parameters", split_params(sweep->params));
    return out;
}

static tc_json *describe_workload(const struct workload *workload)
{
    tc_json *out = tcj_object(), *metrics = tcj_array(), *params = tcj_array(),
            *sweeps = tcj_array();
    for (int i = 0; i < WL_MAX_METRICS && workload->metrics[i].name; i++) {
        tc_json *metric = tcj_object();
        tcj_set(metric, "name", tcj_string(workload->metrics[i].name));
        tcj_set(metric, "unit", tcj_string(workload->metrics[i].unit));
        if (workload->metrics[i].beside)
            tcj_set(metric, "beside", tcj_bool(true));
        tcj_append(metrics, metric);
    }
    for (int i = 0; i < WL_MAX_PARAMS && workload->params[i].name; i++)
        tcj_append(params, describe_param(&workload->params[i]));
    for (int i = 0; i < WL_MAX_PARAMS && wl_model.params[i].name; i++)
        tcj_append(params, describe_param(&wl_model.params[i]));
    for (int i = 0; i < WL_MAX_SWEEPS && workload->sweeps[i].profile; i++)
        tcj_append(sweeps, describe_sweep(&workload->sweeps[i]));
    tcj_set(out, "name", tcj_string(workload->name));
    tcj_set(out, "question", tcj_string(workload->question));
    tcj_set(out, "metrics", metrics);
    tcj_set(out, "parameters", params);
    tcj_set(out, "tasks_min", tcj_integer((int64_t)workload->tasks_min));
    tcj_set(out, "tasks_default", tcj_integer((int64_t)workload->tasks_default));
    if (workload->tasks_max)
        tcj_set(out, "tasks_max", tcj_integer((int64_t)workload->tasks_max));
    tcj_set(out, "sweeps", sweeps);
    return out;
}

static tc_json *new_object(void)
{
    tc_json *out = tcj_object();
    tcj_set(out, "protocol", tcj_string("taskcost-worker"));
    tcj_set(out, "protocol_version", tcj_integer(1));
    tcj_set(out, "model", tcj_string(wl_model.name));
    return out;
}

static bool names_this_model(const char *models)
{
    size_t length = strlen(wl_model.name);
    for (const char *p = models; *p; p += strcspn(p, ","), p += *p == ',')
        if (strcspn(p, ",") == length && memcmp(p, wl_model.name, length) == 0)
            return true;
    return false;
}

const char *unsupported_because(const struct workload *workload)
{
    for (int i = 0; i < WL_MAX_UNSUPPORTED && workload->unsupported[i].models; i++)
        if (names_this_model(workload->unsupported[i].models))
            return workload->unsupported[i].reason;
    return NULL;
}

static tc_json *describe_unsupported(const struct workload *workload, const char *reason)
{
    tc_json *out = tcj_object();
    tcj_set(out, "name", tcj_string(workload->name));
    tcj_set(out, "reason", tcj_string(reason));
    return out;
}

tc_json *output_list(const struct workload *const *workloads)
{
    tc_json *out = new_object(), *list = tcj_array(), *unsupported = tcj_array();
    for (; *workloads; workloads++) {
        const char *reason = unsupported_because(*workloads);
        if (reason)
            tcj_append(unsupported, describe_unsupported(*workloads, reason));
        else
            tcj_append(list, describe_workload(*workloads));
    }
    tcj_set(out, "description", tcj_string(wl_model.description));
    tcj_set(out, "one_thread", tcj_bool(wl_model.one_thread));
    tcj_set(out, "workloads", list);
    tcj_set(out, "unsupported", unsupported);
    return out;
}

/* -- round -- */

static void add_series(tc_json *metrics, const char *name, const char *unit, double value)
{
    tc_json *metric = tcj_object(), *samples = tcj_array();
    tcj_set(metric, "name", tcj_string(name));
    tcj_set(metric, "unit", tcj_string(unit));
    if (isnan(value))
        tcj_set(metric, "reason",
                tcj_string("the kernel does not say, or there are too many threads"));
    else
        tcj_append(samples, tcj_number(value));
    tcj_set(metric, "samples", samples);
    tcj_append(metrics, metric);
}

static void add_counters(tc_json *metrics, const struct wl_round *round)
{
    if (round->operations == 0)
        return;
    double operations = (double)round->operations;
    for (enum worker_counter i = 0; i < COUNTER_COUNT; i++) {
        const char *unit, *name = counter_name(i, &unit);
        double change = (double)(round->after.values[i] - round->before.values[i]);
        if (i == COUNTER_CPU_TIME)
            change -= (double)round->probe_cpu_ns;
        add_series(metrics, name, unit, change / operations);
    }
    add_series(metrics, "migrations", "1/operation",
               (round->migrations_after - round->migrations_before) / operations);
}

static tc_json *describe_metrics(const struct wl_round *round)
{
    tc_json *metrics = tcj_array();
    for (int i = 0; i < WL_MAX_METRICS && round->workload->metrics[i].name; i++) {
        const struct series *series = &round->series[i];
        if (series->values.count == 0 && !series->hist && !*series->absent)
            continue;
        tc_json *metric = tcj_object(), *values = tcj_array();
        tcj_set(metric, "name", tcj_string(round->workload->metrics[i].name));
        tcj_set(metric, "unit", tcj_string(round->workload->metrics[i].unit));
        for (size_t v = 0; v < series->values.count; v++)
            tcj_append(values, tcj_number(series->values.items[v]));
        for (size_t b = 0; series->hist && b < TC_HIST_BUCKETS; b++) {
            if (series->hist->counts[b] == 0)
                continue;
            tc_json *pair = tcj_array();
            tcj_append(pair, tcj_integer((int64_t)tc_hist_bucket_low(b)));
            tcj_append(pair, tcj_integer((int64_t)series->hist->counts[b]));
            tcj_append(values, pair);
        }
        tcj_set(metric, series->hist ? "histogram" : "samples", values);
        if (*series->absent)
            tcj_set(metric, "reason", tcj_string(series->absent));
        tcj_append(metrics, metric);
    }
    add_counters(metrics, round);
    return metrics;
}

static tc_json *describe_params(const struct wl_round *round)
{
    tc_json *out = tcj_object();
    for (int i = 0; i < WL_MAX_PARAMS; i++) {
        if (round->workload->params[i].name)
            tcj_set(out, round->workload->params[i].name, tcj_string(round->params[i]));
        if (wl_model.params[i].name)
            tcj_set(out, wl_model.params[i].name, tcj_string(round->params[WL_MAX_PARAMS + i]));
        if (wl_model.choices[i].name)
            tcj_set(out, wl_model.choices[i].name, tcj_string(wl_model.choices[i].values));
    }
    if (round->memory_method)
        tcj_set(out, "method", tcj_string(round->memory_method));
    return out;
}

/* Every CPU that the sampling thread was found on, and the one of this moment. */
static tc_json *describe_seen(const struct wl_round *round)
{
    tc_json *out = tcj_array();
    struct probe probe = round->probe;
    probe_see_cpu(&probe);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET((size_t)cpu, &probe.seen))
            tcj_append(out, tcj_integer(cpu));
    return out;
}

/* What the process sees of its own placement, to compare with what was asked for. */
static tc_json *describe_observed(const struct wl_round *round)
{
    tc_json *out = tcj_object();
    char allowed[512] = "";
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        for (int cpu = 0, used = 0; cpu < CPU_SETSIZE && used < (int)sizeof allowed - 8; cpu++)
            if (CPU_ISSET(cpu, &set))
                used += snprintf(allowed + used, sizeof allowed - (size_t)used, "%s%d",
                                 used ? "," : "", cpu);
    double clock_cost_ns;
    uint64_t clock_step_ns;
    tc_clock_calibrate(&clock_cost_ns, &clock_step_ns);
    tcj_set(out, "cpus_allowed", tcj_string(allowed));
    tcj_set(out, "cpus_seen", describe_seen(round));
    tcj_set(out, "clock_cost_ns", tcj_number(clock_cost_ns));
    tcj_set(out, "clock_step_ns", tcj_integer((int64_t)clock_step_ns));
    tcj_set(out, "duration_ns", tcj_integer((int64_t)(tc_now_ns() - round->start_ns)));
    if (round->stall_ns)
        tcj_set(out, "stall_ms", tcj_integer((int64_t)(round->stall_ns / TC_NS_PER_MS)));
    if (round->probe.values.count > 0)
        tcj_set(out, "probe", probe_describe(&round->probe, round->span_ns));
    if (round->conditions.after)
        tcj_set(out, "conditions", conditions_describe(round));
    tcj_set(out, "one_thread", tcj_bool(wl_model.one_thread));
    if (round->ceiling.piloted)
        tcj_set(out, "ceiling", ceiling_observed(round));
    if (round->memory_method)
        tcj_set(out, "memory_cgroup", memory_group_observed());
#ifdef TC_SANITIZED
    tcj_set(out, "build", tcj_string("sanitized"));
#elif !defined(__OPTIMIZE__)
    tcj_set(out, "build", tcj_string("not optimized"));
#else
    tcj_set(out, "build", tcj_string("release"));
#endif
    return out;
}

static tc_json *describe_operation_counts(void)
{
    tc_json *out = tcj_object();
    uint64_t count;
    const char *name;
    for (unsigned i = 0; (name = wl_operation_count(i, &count)); i++)
        tcj_set(out, name, tcj_integer((int64_t)count));
    return out;
}

tc_json *output_round(const struct wl_round *round, const char *status, const char *reason,
                      const struct limit_hit *limit)
{
    tc_json *out = new_object();
    tcj_set(out, "workload", tcj_string(round->workload->name));
    tcj_set(out, "tasks", tcj_integer((int64_t)round->tasks));
    tcj_set(out, "status", tcj_string(status));
    if (reason)
        tcj_set(out, "reason", tcj_string(reason));
    if (limit)
        tcj_set(out, "limit", limit_describe(limit));
    tcj_set(out, "parameters", describe_params(round));
    tcj_set(out, "operations", tcj_integer((int64_t)round->operations));
    tcj_set(out, "metrics", reason ? tcj_array() : describe_metrics(round));
    tcj_set(out, "observed", describe_observed(round));
    uint64_t count;
    if (wl_operation_count(0, &count))
        tcj_set(out, "operation_counts", describe_operation_counts());
    return out;
}

void output_finish(const struct wl_round *round, const char *status, const char *reason,
                   const struct limit_hit *limit)
{
    static atomic_flag finished = ATOMIC_FLAG_INIT;
    if (atomic_flag_test_and_set(&finished))
        for (;;)
            pause(); /* another thread is ending the process */
    memory_group_leave();
    tc_json *object = output_round(round, status, reason, limit);
    int err = tcj_write(object, stdout);
    if (err || fflush(stdout) != 0)
        fprintf(stderr, "worker-%s: standard output can't be written: %s\n", wl_model.name,
                tc_errno_name(err));
    tcj_free(object);
    /* Other threads may still be at work: no destructors, no unwinding. */
    _exit(err ? 1 : 0);
}
