/* SPDX-License-Identifier: MIT
 *
 * When to sample and when to stop: the same rule for every workload and model.
 *
 * Warm-up raises the laps, up to MAX_GROWTH-fold at a time, until a sample lasts a
 * SAMPLES_WANTED-th of the round's time and at least SAMPLE_NS (a thousand clock readings), and the
 * warm-up a tenth of the round's time; what it measured is dropped. Then samples are taken until
 * the round's time is spent, at least MIN_SAMPLES of them.
 */
#include "worker.h"

#include "base/clock.h"
#include "base/parse.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_NS = 25000, MIN_SAMPLES = 3, SAMPLES_WANTED = 100, MAX_GROWTH = 16 };

/* A probe must not make a planned request late. */
enum { PROBE_ROOM_NS = 200000 };

uint64_t wl_tasks(const struct wl_round *round)
{
    return round->tasks;
}

uint64_t wl_time_ns(const struct wl_round *round)
{
    return round->time_ns;
}

const char *wl_param(const struct wl_round *round, const char *name)
{
    for (int i = 0; i < WL_MAX_PARAMS; i++) {
        const char *own = round->workload->params[i].name, *model = wl_model.params[i].name;
        if (own && strcmp(own, name) == 0)
            return round->params[i];
        if (model && strcmp(model, name) == 0)
            return round->params[WL_MAX_PARAMS + i];
    }
    MUST(!"a parameter that was declared");
    return "";
}

bool wl_param_is(const struct wl_round *round, const char *name, const char *value)
{
    return strcmp(wl_param(round, name), value) == 0;
}

uint64_t wl_param_count(struct wl_round *round, const char *name, uint64_t least, uint64_t most)
{
    struct tc_error err;
    uint64_t count;
    if (tc_parse_count(wl_param(round, name), name, least, most, &count, &err) < 0)
        wl_wrong(round, "%s", err.text);
    return count;
}

void values_add(struct values *values, double value)
{
    if (values->count == values->capacity) {
        values->capacity = values->capacity ? 2 * values->capacity : 64;
        values->items = realloc(values->items, values->capacity * sizeof *values->items);
        MUST(values->items);
    }
    values->items[values->count++] = value;
}

void series_add(struct wl_round *round, unsigned metric, double value)
{
    struct series *series = &round->series[metric];
    if (round->workload->metrics[metric].histogram) {
        if (!series->hist)
            MUST((series->hist = tc_hist_new()));
        tc_hist_add(series->hist, (uint64_t)llround(value));
        return;
    }
    values_add(&series->values, value);
}

/* Nothing is timed in a counting run, and a probe would be counted. */
static bool is_probed(const struct wl_round *round)
{
    return round->exact_laps == 0;
}

static void begin_measuring(struct wl_round *round)
{
    if (is_probed(round))
        probe_take(&round->probe);
    conditions_begin(&round->conditions);
    round->migrations_before = migrations_read();
    round->probe_cpu_ns = round->probe.cpu_ns;
    counters_read(&round->before);
}

static void end_measuring(struct wl_round *round)
{
    counters_read(&round->after);
    round->probe_cpu_ns = round->probe.cpu_ns - round->probe_cpu_ns;
    round->migrations_after = migrations_read();
    round->span_ns = tc_now_ns() - round->phase_start_ns;
    if (is_probed(round))
        probe_take(&round->probe);
    probe_see_cpu(&round->probe);
    conditions_end(&round->conditions);
}

static void begin_phase(struct wl_round *round, enum phase phase)
{
    round->phase = phase;
    round->last_total = 0;
    if (phase == PHASE_MEASURE)
        begin_measuring(round);
    else if (phase == PHASE_DONE)
        end_measuring(round);
    round->phase_start_ns = tc_now_ns();
}

/* A sample should be long enough for the clock, and short enough to give SAMPLES_WANTED. */
static uint64_t wanted_sample_ns(const struct wl_round *round)
{
    uint64_t share_ns = round->time_ns / SAMPLES_WANTED;
    return share_ns > SAMPLE_NS ? share_ns : SAMPLE_NS;
}

/* How many laps the next warm-up sample should have, judging from the last. */
static uint64_t grown_laps(const struct wl_round *round)
{
    uint64_t wanted_ns = wanted_sample_ns(round);
    if (round->last_elapsed_ns >= wanted_ns)
        return round->laps;
    uint64_t factor = wanted_ns / (round->last_elapsed_ns + 1) + 1;
    return round->laps * (factor > MAX_GROWTH ? MAX_GROWTH : factor);
}

static bool warm_enough(const struct wl_round *round, bool calibrate)
{
    if (calibrate && round->last_elapsed_ns < wanted_sample_ns(round))
        return false;
    return round->last_total > 0 && tc_now_ns() - round->phase_start_ns >= round->time_ns / 10;
}

static bool measured_enough(const struct wl_round *round, bool calibrate)
{
    if (round->exact_laps)
        return round->samples >= (calibrate ? 1 : round->exact_laps);
    return round->samples >= MIN_SAMPLES && tc_now_ns() - round->phase_start_ns >= round->time_ns;
}

static uint64_t next(struct wl_round *round, bool calibrate)
{
    if (round->phase == PHASE_START) {
        begin_phase(round, round->exact_laps ? PHASE_MEASURE : PHASE_WARM);
        round->laps = round->exact_laps && calibrate ? round->exact_laps : 1;
        return round->laps;
    }
    if (round->phase == PHASE_WARM) {
        if (!warm_enough(round, calibrate)) {
            if (calibrate)
                round->laps = grown_laps(round);
            return round->laps;
        }
        begin_phase(round, PHASE_MEASURE);
    }
    if (measured_enough(round, calibrate)) {
        begin_phase(round, PHASE_DONE);
        return 0;
    }
    if (is_probed(round) && schedule_leaves(round, PROBE_ROOM_NS))
        probe_take_if_due(&round->probe);
    return round->laps;
}

uint64_t wl_next_sample(struct wl_round *round)
{
    return next(round, true);
}

bool wl_next_single(struct wl_round *round)
{
    return next(round, false) > 0;
}

/* --inject: stays in the sample that is just ending until it has lasted so much longer. */
static uint64_t slowed_down(const struct wl_round *round, uint64_t elapsed_ns)
{
    uint64_t start_ns = tc_now_ns() - elapsed_ns;
    uint64_t wanted_ns = elapsed_ns + elapsed_ns * round->inject_percent / 100;
    while (elapsed_ns < wanted_ns)
        elapsed_ns = tc_now_ns() - start_ns;
    return elapsed_ns;
}

void wl_record(struct wl_round *round, uint64_t elapsed_ns, uint64_t operations)
{
    round->last_elapsed_ns = elapsed_ns;
    round->last_total += operations;
    if (round->phase != PHASE_MEASURE || operations == 0)
        return;
    elapsed_ns = slowed_down(round, elapsed_ns);
    round->samples++;
    round->operations += operations;
    round->measured_ns += elapsed_ns;
    series_add(round, 0, (double)elapsed_ns / (double)operations);
}

unsigned metric_index(const struct wl_round *round, const char *name)
{
    unsigned i = 0;
    while (round->workload->metrics[i].name && strcmp(round->workload->metrics[i].name, name) != 0)
        i++;
    MUST(i < WL_MAX_METRICS && round->workload->metrics[i].name);
    return i;
}

void wl_record_extra(struct wl_round *round, const char *metric, double value)
{
    unsigned index = metric_index(round, metric);
    /* What a workload timed itself lies in the same sample, so what is injected is its share. */
    if (strcmp(round->workload->metrics[index].unit, "ns") == 0)
        value *= 1 + (double)round->inject_percent / 100;
    /* Workloads that do not sample (memory) record without ever entering a phase. */
    if (round->phase != PHASE_WARM)
        series_add(round, index, value);
}

void wl_record_first(struct wl_round *round, const char *metric, double value)
{
    unsigned index = metric_index(round, metric);
    if (round->series[index].values.count == 0)
        series_add(round, index, value);
}

void wl_record_absent(struct wl_round *round, const char *metric, const char *reason)
{
    struct series *series = &round->series[metric_index(round, metric)];
    snprintf(series->absent, sizeof series->absent, "%s", reason);
}

void wl_record_throughput(struct wl_round *round, const char *metric, uint64_t units)
{
    MUST(round->phase == PHASE_DONE);
    wl_record_extra(round, metric,
                    (double)(round->operations * units) * (double)TC_NS_PER_S /
                        (double)round->measured_ns);
}
