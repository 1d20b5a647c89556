/* SPDX-License-Identifier: MIT
 *
 * What the files of a campaign share: a run under way, its clock and its saving.
 */
#ifndef CAMPAIGN_RUN_H
#define CAMPAIGN_RUN_H

#include "harness/campaign.h"

struct run {
    struct tc_campaign *campaign;
    struct tc_results *results;
    tc_json *driver; /* placement -> PUs of the driver; borrowed from the environment */
    uint64_t started_ns, earlier_ms; /* of this session; what earlier sessions have measured */
    uint64_t saved_ns, save_cost_ns, save_cost_max_ns;
    bool save_failed;       /* the last one did */
    uint64_t ending_max_ns; /* what it took at most until a process that had ended was gone */
    uint64_t rounds, block;
    bool out_of_time;
};

/* Tells the caller how far it is; what is about to run, or NULL. */
void tc__tell(const struct run *run, const struct tc_planned *current);

/* -- campaign_time.c -- */

/* How long the run has taken, earlier sessions included. */
uint64_t tc__elapsed_ns(const struct run *run);
/* Until the run has to be over, without what the last saving takes; TC_NEVER without a limit. */
uint64_t tc__time_left_ns(const struct run *run);
/* Whether a round of this cell is still to begin. */
bool tc__round_fits(const struct run *run, const struct tc_cell_progress *cell);
/* How long it will go on at most. */
uint64_t tc__remaining_ns(const struct run *run);

/* -- campaign_save.c -- */

/* Saves the document; nothing without an output. The first failure in a row is told at once. */
int tc__save(struct run *run, struct tc_error *err);
/* Saves unless that was done a moment ago. */
void tc__save_if_due(struct run *run);

/* -- campaign_resume.c -- */

/* What the document already says of the plan's cells goes into the campaign's, and run->block is
 * the first block that it knows nothing of. */
void tc__restore(struct run *run);
/* Ends a cell by a rule: in the campaign, and in the document, where it decides the level of the
 * intervals. */
void tc__stop_cell(struct run *run, size_t index, enum tc_stop stop);

/* -- campaign_calls.c -- */

/* Counts the system calls of every cell that has been measured and not counted. */
void tc__count_system_calls(struct run *run);

#endif
