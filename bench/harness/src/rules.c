/* SPDX-License-Identifier: MIT
 *
 * When to stop.
 */
#include "harness/campaign.h"

#include "base/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PRECISION_ROUNDS = 6 };
static const double precision_half_width = 0.02; /* of the median */

static const struct tc_rules table[] = {
    /* profile   rounds     time of a round and of all          stops early when precise */
    {"quick", 3, 20, 40, 60 * TC_NS_PER_S, true},
    {"default", 5, 20, 100, 8 * 60 * TC_NS_PER_S, true},
    {"full", 10, 30, 200, 60 * 60 * TC_NS_PER_S, false},
};

const struct tc_rules *tc_rules_of(const char *profile)
{
    for (size_t i = 0; i < TC_COUNT_OF(table); i++)
        if (strcmp(table[i].profile, profile) == 0)
            return &table[i];
    return NULL;
}

static bool is_narrow(const struct tc_summary *summary)
{
    double half = (summary->ci_high - summary->ci_low) / 2;
    return summary->rounds >= PRECISION_ROUNDS &&
           half <= precision_half_width * fabs(summary->median); /* false for NaN */
}

bool tc_is_precise(const struct tc_results *results, const struct tc_cell *cell,
                   const struct tc_words *metrics)
{
    bool any = false;
    for (size_t i = 0; i < metrics->count; i++) {
        const struct tc_measurement *m = tc_results_lookup(results, cell, metrics->items[i]);
        if (!m || m->status == TC_SKIPPED)
            continue; /* this machine cannot measure it: more rounds won't help */
        if (!is_narrow(&m->summary))
            return false;
        any = true;
    }
    return any;
}
