/* SPDX-License-Identifier: MIT
 *
 * Rounds measured later, added to a document that is whole: `taskcost compare --rerun`.
 */
#include "base/status.h"
#include "harness/results.h"
#include "results_internal.h"

#include <stdlib.h>
#include <string.h>

static uint64_t blocks_of(const struct tc_results *results)
{
    uint64_t blocks = 0;
    for (size_t i = 0; i < results->measurement_count; i++)
        for (size_t j = 0; j < results->measurements[i].round_count; j++)
            if (results->measurements[i].rounds[j].block >= blocks)
                blocks = results->measurements[i].rounds[j].block + 1;
    return blocks;
}

static void take_rounds(struct tc_measurement *into, struct tc_measurement *from, uint64_t first)
{
    for (size_t i = 0; i < from->round_count; i++) {
        struct tc_round *round = tc__add_round(into);
        *round = from->rounds[i];
        round->block += first;
    }
    from->round_count = 0; /* what they owned has moved */
    into->stale = true;
    if (from->status == TC_FAILED || from->status == TC_LIMITED)
        tc__mark(into, from->status, from->reason, from->limit);
}

void tc_results_take_rounds(struct tc_results *into, struct tc_results *from)
{
    uint64_t first = blocks_of(into);
    for (size_t i = 0; i < from->measurement_count; i++) {
        struct tc_measurement *m = &from->measurements[i];
        for (size_t j = 0; j < into->measurement_count; j++) {
            struct tc_measurement *to = &into->measurements[j];
            /* A cell that was lost now is lost as a whole. */
            if (tc_cell_same_plan(&to->cell, &m->cell) &&
                (strcmp(to->metric, m->metric) == 0 || strcmp(m->metric, "round") == 0))
                take_rounds(to, m, first);
        }
    }
}
