/* SPDX-License-Identifier: MIT
 *
 * Under which conditions the round was measured: what the machine did meanwhile
 * (harness/conditions.h), what the kernel counted for this process, and whether it stayed where it
 * was put. Read before the first measured sample and after the last, outside of both; a round that
 * does not sample has none.
 */
#include "worker.h"

#include "harness/conditions.h"
#include "harness/reading.h"

#include <math.h>

static cpu_set_t affinity(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) < 0)
        CPU_ZERO(&set); /* more CPUs than a cpu_set_t has: nothing is told of them */
    return set;
}

void conditions_begin(struct conditions *conditions)
{
    conditions->allowed = affinity();
    conditions->before = tc_conditions_read("", &conditions->allowed);
}

void conditions_end(struct conditions *conditions)
{
    conditions->after = tc_conditions_read("", &conditions->allowed);
    conditions->allowed_after = affinity();
}

/* Neither the binding was changed nor was the sampling thread anywhere else. */
static bool binding_held(const struct wl_round *round)
{
    const struct conditions *conditions = &round->conditions;
    cpu_set_t both;
    CPU_OR(&both, &conditions->allowed, &round->probe.seen);
    return CPU_EQUAL(&conditions->allowed, &conditions->allowed_after) &&
           CPU_EQUAL(&conditions->allowed, &both);
}

static void set_change(tc_json *out, const char *name, uint64_t before, uint64_t after)
{
    tcj_set(out, name, tcj_integer((int64_t)(after - before)));
}

tc_json *conditions_describe(const struct wl_round *round)
{
    const struct counters *before = &round->before, *after = &round->after;
    double migrations = round->migrations_after - round->migrations_before;
    tc_json *out = tc_conditions_change(round->conditions.before, round->conditions.after);
    set_change(out, "switches_voluntary", before->values[COUNTER_SWITCHES_VOLUNTARY],
               after->values[COUNTER_SWITCHES_VOLUNTARY]);
    set_change(out, "switches_involuntary", before->values[COUNTER_SWITCHES_INVOLUNTARY],
               after->values[COUNTER_SWITCHES_INVOLUNTARY]);
    set_change(out, "faults_major", before->faults_major, after->faults_major);
    set_change(out, "faults_minor", before->values[COUNTER_PAGE_FAULTS] - before->faults_major,
               after->values[COUNTER_PAGE_FAULTS] - after->faults_major);
    tcj_set(out, "migrations", isnan(migrations) ? tc_reading_absent() : tcj_number(migrations));
    tcj_set(out, "binding_held", tcj_integer(binding_held(round)));
    tcj_set(out, "span_ns", tcj_integer((int64_t)round->span_ns));
    return out;
}
