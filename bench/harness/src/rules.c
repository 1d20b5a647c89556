/* SPDX-License-Identifier: MIT
 *
 * When to stop.
 */
#include "harness/campaign.h"

#include "base/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The looks and what each may err by; together LOOKS_SPEND of the 5 % that are there to spend. */
static const uint64_t looks[] = {10, 12, 14, 16, 18};
#define LOOKS_SPEND 0.01
static const double precision_half_width = 0.02; /* of the median, to either side */

static const struct tc_rules table[] = {
    /* profile   rounds     time of a round and of all          has looks, counts calls */
    {"quick", 6, 20, 40, 60 * TC_NS_PER_S, true, false, 0, 0},
    {"default", 6, 20, 100, 8 * 60 * TC_NS_PER_S, true, true, 0, 0},
    {"full", 10, 30, 200, 60 * 60 * TC_NS_PER_S, false, true, 0, 0},
};

const struct tc_rules *tc_rules_of(const char *profile)
{
    for (size_t i = 0; i < TC_COUNT_OF(table); i++)
        if (strcmp(table[i].profile, profile) == 0)
            return &table[i];
    return NULL;
}

bool tc_is_look(uint64_t rounds)
{
    for (size_t i = 0; i < TC_COUNT_OF(looks); i++)
        if (looks[i] == rounds)
            return true;
    return false;
}

double tc_ci_level(bool with_looks, enum tc_stop stop)
{
    if (!with_looks)
        return TC_CI_LEVEL;
    return stop == TC_STOP_PRECISION ? 1 - LOOKS_SPEND / TC_COUNT_OF(looks)
                                     : TC_CI_LEVEL + LOOKS_SPEND;
}

static bool is_narrow(const struct tc_measurement *m)
{
    size_t count = 0;
    double low, high, *medians = malloc((m->round_count + 1) * sizeof *medians);
    MUST(medians);
    for (size_t i = 0; i < m->round_count; i++)
        if (isfinite(m->rounds[i].median))
            medians[count++] = m->rounds[i].median;
    double median = tc_median(medians, count);
    tc_median_ci_in_time(medians, count, tc_ci_level(true, TC_STOP_PRECISION), &low, &high);
    free(medians);
    return fmax(high - median, median - low) <= precision_half_width * fabs(median);
}

bool tc_is_precise(const struct tc_results *results, const struct tc_cell *cell,
                   const struct tc_words *metrics)
{
    bool any = false;
    for (size_t i = 0; i < metrics->count; i++) {
        const struct tc_measurement *m = tc_results_lookup(results, cell, metrics->items[i]);
        if (!m || m->status == TC_SKIPPED)
            continue; /* this machine cannot measure it: more rounds won't help */
        if (!is_narrow(m))
            return false;
        any = true;
    }
    return any;
}

/* -- in the document -- */

static tc_json *seconds(uint64_t ns, bool unlimited)
{
    return unlimited ? tcj_null() : tcj_number((double)ns / TC_NS_PER_S);
}

tc_json *tc_rules_to_json(const struct tc_rules *rules)
{
    tc_json *out = tcj_object();
    tcj_set(out, "rounds_min", tcj_integer((int64_t)rules->rounds_min));
    tcj_set(out, "rounds_max", tcj_integer((int64_t)rules->rounds_max));
    tcj_set(out, "measure_ms", tcj_integer((int64_t)rules->measure_ms));
    tcj_set(out, "precision", tcj_bool(rules->precision));
    tcj_set(out, "system_calls", tcj_bool(rules->system_calls));
    tcj_set(out, "budget_s", seconds(rules->budget_ns, rules->budget_ns == TC_NEVER));
    tcj_set(out, "time_limit_s", seconds(rules->time_limit_ns, !rules->time_limit_ns));
    tcj_set(out, "round_limit_s", seconds(rules->round_limit_ns, !rules->round_limit_ns));
    return out;
}

static void read_count(const tc_json *value, uint64_t *count)
{
    int64_t read;
    if (tcj_read_integer(value, &read) && read > 0)
        *count = (uint64_t)read;
}

static uint64_t read_seconds(const tc_json *value, uint64_t without)
{
    double read;
    return tcj_read_number(value, &read) && read >= 0 && read < 1e9 ? (uint64_t)(read * TC_NS_PER_S)
                                                                    : without;
}

struct tc_rules tc_rules_from_json(const tc_json *object, const char *profile)
{
    const struct tc_rules *of_profile = tc_rules_of(profile);
    struct tc_rules rules = of_profile ? *of_profile : table[0];
    read_count(tcj_get(object, "rounds_min"), &rules.rounds_min);
    read_count(tcj_get(object, "rounds_max"), &rules.rounds_max);
    read_count(tcj_get(object, "measure_ms"), &rules.measure_ms);
    tcj_read_bool(tcj_get(object, "precision"), &rules.precision);
    tcj_read_bool(tcj_get(object, "system_calls"), &rules.system_calls);
    rules.budget_ns = read_seconds(tcj_get(object, "budget_s"), TC_NEVER);
    rules.time_limit_ns = read_seconds(tcj_get(object, "time_limit_s"), 0);
    rules.round_limit_ns = read_seconds(tcj_get(object, "round_limit_s"), 0);
    return rules;
}
