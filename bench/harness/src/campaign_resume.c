/* SPDX-License-Identifier: MIT
 *
 * Between the campaign's cells and those of its document: where a run that goes on stands, and by
 * which rule a cell was ended.
 *
 * A document that is continued has whole rounds only, but its last block may be broken off. That
 * block is left as it is: its other half would be measured hours later, and a ratio in one block is
 * to be of neighbours in time. The cells it lacks get their round in a block more.
 */
#include "campaign_run.h"

#include <stdlib.h>
#include <string.h>

/* What stands for a cell that the end of a session kept from its first round. */
static bool is_unbegun(const struct tc_measurement *m)
{
    return m->status == TC_SKIPPED && m->round_count == 0 &&
           (m->stopped_by == TC_STOP_TIME || m->stopped_by == TC_STOP_SIGNAL) &&
           strcmp(m->metric, "round") == 0;
}

static void end_as(struct tc_cell_progress *cell, const struct tc_measurement *m)
{
    if (cell->state == TC_CELL_ENDED)
        return;
    cell->state = TC_CELL_ENDED;
    cell->status = m->status;
    cell->reason = strdup(m->reason ? m->reason : "");
    MUST(cell->reason);
}

/* One measurement of a cell: all of them together tell how far the cell is. */
static void take_in(struct run *run, struct tc_cell_progress *cell, struct tc_measurement *m)
{
    const struct tc_rules *rules = &run->campaign->rules;
    bool whole_cell = strcmp(m->metric, "round") == 0;
    for (size_t i = 0; i < m->round_count; i++)
        if (m->rounds[i].block >= run->block)
            run->block = m->rounds[i].block + 1;
    if (m->round_count > cell->rounds)
        cell->rounds = m->round_count;
    if (m->status == TC_FAILED || m->status == TC_LIMITED ||
        (m->status == TC_SKIPPED && whole_cell))
        end_as(cell, m);
    else if (cell->state == TC_CELL_OPEN && m->stopped_by == TC_STOP_PRECISION)
        cell->state = TC_CELL_PRECISE;
    else if (cell->state == TC_CELL_OPEN && cell->rounds >= rules->rounds_max)
        cell->state = TC_CELL_ENOUGH;
}

/* Its own rules have ended it, or it goes on. */
static void reopen(struct tc_measurement *m)
{
    if (m->stopped_by == TC_STOP_TIME || m->stopped_by == TC_STOP_SIGNAL)
        m->stopped_by = TC_STOP_NONE;
}

void tc__restore(struct run *run)
{
    const struct tc_plan *plan = run->campaign->plan;
    tc_results_drop(run->results, is_unbegun);
    for (size_t i = 0; i < run->results->measurement_count; i++) {
        struct tc_measurement *m = &run->results->measurements[i];
        reopen(m);
        m->level = tc_ci_level(run->campaign->rules.precision, m->stopped_by);
        for (size_t c = 0; c < plan->count; c++)
            if (tc_cell_same_plan(&plan->cells[c].cell, &m->cell))
                take_in(run, &run->campaign->cells[c], m);
    }
}

void tc__stop_cell(struct run *run, size_t index, enum tc_stop stop)
{
    const struct tc_cell *cell = &run->campaign->plan->cells[index].cell;
    double level = tc_ci_level(run->campaign->rules.precision, stop);
    for (size_t i = 0; i < run->results->measurement_count; i++) {
        struct tc_measurement *m = &run->results->measurements[i];
        if (!tc_cell_same_plan(&m->cell, cell))
            continue;
        m->stopped_by = stop;
        m->stale = m->stale || m->level != level;
        m->level = level;
    }
}
