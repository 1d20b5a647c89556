/* SPDX-License-Identifier: MIT
 *
 * A whole run: every cell's rounds, in blocks, until the stopping rule says enough.
 *
 * A block is every unfinished cell once. Cells that differ in the model alone form a group; the
 * groups come in an order that is shuffled anew for each block from the recorded seed, so that a
 * slow drift of the machine falls on all alike. The cells of a group run one directly after the
 * other, so that what is compared in a block was measured close in time, and take turns at being
 * first, so that none profits from its place. When a
 * cell is finished, the rules say (tc_rules): it has the most rounds; or the time is spent; or, in
 * the quick and the default profile, its interval is narrow.
 *
 * Stopping at the first narrow interval would choose the lucky ones: figures that happen to lie
 * close together. So the rule is a group sequential one (S. J. Pocock, Biometrika 64, 1977; P. C.
 * O'Brien and T. R. Fleming, Biometrics 35, 1979), with the error spent in fixed parts: the
 * intervals are looked at after 10, 12, 14, 16 and 18 rounds only, and at each look at a level of
 * 0.998. If every metric of the cell's own lies within 2 % of its median in that interval, the cell
 * ends, and that interval is the one told. Otherwise it goes on, and what is told in the end is an
 * interval at 0.96. What is told is wrong only if one of the five looks was (0.2 % each, whatever
 * the distribution) or the last interval was (4 %): by Bonferroni's inequality at most 5 % in all,
 * whichever way it ends. Time, a signal and a crash end cells without looking at figures.
 *
 * The document may be one that was begun before: its rounds count, and its block numbers go on.
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
    uint64_t measure_ms;     /* of each round */
    uint64_t budget_ns;      /* beyond rounds_min, no round begins that would not fit into it */
    bool precision;          /* whether there are looks at which a narrow interval ends a cell */
    bool system_calls;       /* whether they are counted, in a pass after the first block */
    uint64_t time_limit_ns;  /* hard, of all sessions together; 0 for none */
    uint64_t round_limit_ns; /* for one process; 0 for 60 s more than it measures */
};

/* The rules of a profile; NULL for an unknown one. */
const struct tc_rules *tc_rules_of(const char *profile);

/* The rules as the document's run.rules, and back; what an object lacks is the profile's. */
tc_json *tc_rules_to_json(const struct tc_rules *rules);
struct tc_rules tc_rules_from_json(const tc_json *object, const char *profile);

/* Whether a round that is expected to take so long may begin, with `left_ns` until the limit. */
bool tc_round_fits(const struct tc_rules *rules, uint64_t rounds, uint64_t expected_ns,
                   uint64_t elapsed_ns, uint64_t left_ns);

/* Whether a cell's interval is looked at after so many rounds, in a run with looks. */
bool tc_is_look(uint64_t rounds);
/* The level at which the interval of a cell is to be computed so that what is told covers 95 %:
 * `looks` is whether the run has them (rules.precision), `stop` how the cell ended. */
double tc_ci_level(bool looks, enum tc_stop stop);

/* Writes the order in which block `block` has the plan's cells, as their indices, into `order`:
 * groups shuffled, the cells of a group one directly after the other, and over as many blocks as a
 * group has cells each of them in each place once. Depends on the seed, the block and the cells'
 * groups only. */
void tc_block_order(uint64_t seed, uint64_t block, const struct tc_plan *plan, size_t *order);

/* Whether every metric in `metrics` has, at the level of a look, an interval that is within 2 % of
 * its median. Goes by the rounds. */
bool tc_is_precise(const struct tc_results *results, const struct tc_cell *cell,
                   const struct tc_words *metrics);

enum tc_cell_state { TC_CELL_OPEN, TC_CELL_ENOUGH, TC_CELL_PRECISE, TC_CELL_ENDED };

struct tc_cell_progress {
    enum tc_cell_state state; /* ENDED: failed, limited or skipped */
    enum tc_status status;
    char *reason; /* when not ok */
    uint64_t rounds;
    uint64_t wall_ns; /* that its longest round in this session took, all told */
};

struct tc_progress {
    const struct tc_planned *current; /* about to run, or NULL at the end of a block */
    size_t cells, cells_finished;
    uint64_t rounds, block; /* rounds of this session */
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
    uint64_t started_ns; /* by tc_now_ns(): from when this session's time counts; 0 for now */
    const char *output;  /* where the document is saved; NULL for nowhere */
    void (*on_progress)(void *context, const struct tc_progress *progress); /* or NULL */
    /* Or NULL: saving has failed, and did not the time before. */
    void (*on_save_failed)(void *context, const struct tc_error *err);
    /* Or NULL: all rounds are done, the last saving is next. */
    void (*on_end)(void *context, struct tc_results *results);
    void *context;

    /* what came of it */
    struct tc_cell_progress *cells; /* one per cell of the plan */
    const char *stopped_by;         /* rounds, precision, time or signal */
};

/* Measures until done, or goes on with a document that was begun under the same plan, seed and
 * rules; stop signals must be watched (harness/process.h). The caller has filled the document's run
 * block and environment. Set here: of the run block `rules`, `elapsed_ms`, `finished`, `stopped_by`
 * and `complete` (no signal stopped it, and every cell that could be measured had its fewest
 * rounds); of the environment a member "driver", the PUs the driver itself was on, for each
 * placement. A cell that got no round at all is skipped with the reason. 0, or the negative errno
 * value of the last saving with its sentence; what was measured is in `results` either way. */
int tc_campaign_run(struct tc_campaign *campaign, struct tc_results *results, struct tc_error *err);
void tc_campaign_clear(struct tc_campaign *campaign);

#endif
