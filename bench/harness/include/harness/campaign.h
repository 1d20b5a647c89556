/* SPDX-License-Identifier: MIT
 *
 * A whole run: every cell's rounds, in blocks, until the stopping rule says enough.
 *
 * A block is every unfinished cell once. Cells that differ in the model alone form a group; the
 * groups come in an order that is shuffled anew for each block from the recorded seed, so that a
 * slow drift of the machine falls on all alike. The cells of a group run one directly after the
 * other, so that what is compared in a block was measured close in time, and take turns at being
 * first, so that none profits from its place. A cell is finished
 * when it has the profile's most rounds, or at least its fewest for precision (6) and an interval
 * no wider than 2 % of the median to either side on every metric of its own, or when a round of it
 * failed, was limited or was skipped. Looking at the interval to decide when to stop narrows it a
 * little too much; therefore the result says by which rule a run stopped.
 *
 * The document is saved before the first round if there is no such file yet, after the first round,
 * at the end (a stop signal is an end), and in between when a second has passed and saving has
 * taken no more than a twentieth of the time. At any moment the file is whole, and lacks a few
 * rounds at most.
 */
#ifndef HARNESS_CAMPAIGN_H
#define HARNESS_CAMPAIGN_H

#include "harness/plan.h"

/* How long and how often a profile measures; all in one table in rules.c. */
struct tc_rules {
    const char *profile;
    uint64_t rounds_min; /* every cell gets so many, even when `budget_ns` is spent */
    uint64_t rounds_max;
    uint64_t measure_ms; /* of each round */
    uint64_t budget_ns;  /* beyond rounds_min, no round begins that would not fit into it */
    bool precision;      /* whether a narrow interval finishes a cell */
};

/* The rules of a profile; NULL for an unknown one. */
const struct tc_rules *tc_rules_of(const char *profile);

/* Writes the order in which block `block` has the plan's cells, as their indices, into `order`:
 * groups shuffled, the cells of a group one directly after the other, and over as many blocks as a
 * group has cells each of them in each place once. Depends on the seed, the block and the cells'
 * groups only. */
void tc_block_order(uint64_t seed, uint64_t block, const struct tc_plan *plan, size_t *order);

/* Whether every metric in `metrics` has an interval that is narrow enough, from at least 6 rounds.
 * Goes by the summaries as they are. */
bool tc_is_precise(const struct tc_results *results, const struct tc_cell *cell,
                   const struct tc_words *metrics);

enum tc_cell_state { TC_CELL_OPEN, TC_CELL_ENOUGH, TC_CELL_PRECISE, TC_CELL_ENDED };

struct tc_cell_progress {
    enum tc_cell_state state; /* ENDED: failed, limited or skipped */
    enum tc_status status;
    char *reason; /* when not ok */
    uint64_t rounds;
    uint64_t wall_ns; /* of its longest round so far */
};

struct tc_progress {
    const struct tc_planned *current; /* about to run, or NULL at the end of a block */
    size_t cells, cells_finished;
    uint64_t rounds, block;
    uint64_t elapsed_ns;
    uint64_t remaining_ns; /* at most, as far as known: measured wall times x rounds to go, within
                              the time left */
};

struct tc_campaign {
    /* what to do */
    const struct tc_plan *plan;
    struct tc_topology *topology; /* to stand aside of the measured PUs; or NULL */
    struct tc_rules rules;
    uint64_t seed;
    uint64_t time_limit_ns;  /* hard, from the start; TC_NEVER for none */
    uint64_t round_limit_ns; /* for one process; 0 for 60 s more than it measures */
    const char *output;      /* where the document is saved; NULL for nowhere */
    void (*on_progress)(void *context, const struct tc_progress *progress); /* or NULL */
    void *context;

    /* what came of it */
    struct tc_cell_progress *cells; /* one per cell of the plan */
    const char *stopped_by;         /* rounds, precision, time or signal */
};

/* Measures until done; stop signals must be watched (harness/process.h). The caller has filled the
 * document's run block and environment; of the run block `finished`, `complete` (no signal
 * stopped it, and every cell that could be measured had its fewest rounds) and `stopped_by` are set
 * here, and the environment gets a member "driver": the PUs
 * the driver itself was on, for each placement. A cell that got no round at all is skipped with the
 * reason. 0, or the negative errno value of the last saving with its sentence; what was measured is
 * in `results` either way. */
int tc_campaign_run(struct tc_campaign *campaign, struct tc_results *results, struct tc_error *err);
void tc_campaign_clear(struct tc_campaign *campaign);

#endif
