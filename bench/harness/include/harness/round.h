/* SPDX-License-Identifier: MIT
 *
 * One round of one cell: a fresh worker, started, watched and understood.
 */
#ifndef HARNESS_ROUND_H
#define HARNESS_ROUND_H

#include "harness/plan.h"

/* What became of a round. */
struct tc_round_outcome {
    tc_json *object;        /* what the worker delivered; NULL when it delivered nothing usable */
    struct tc_error reason; /* when there is no object: one sentence with the worker's last line */
    bool timed_out;
    bool interrupted; /* ended because the program was asked to stop: neither good nor failed */
    uint64_t wall_ns;
};

/* How a round is to be measured. */
struct tc_round_order {
    uint64_t measure_ms;
    uint64_t laps;                 /* exactly so many instead of a time, untimed; 0 for not */
    const struct tc_words *prefix; /* a command, with its path, that runs the worker; or NULL */
    uint64_t limit_ns;             /* for the whole process */
    uint64_t inject_percent;       /* by how much each sample is slowed down; 0 for not */
};

/* Runs `worker run ...` for a planned cell that is not skipped. The worker's object is handed over
 * as it is; whether it keeps to the protocol is tc_results_add_round()'s to say. A worker that
 * exits with anything but 0 delivered nothing, whatever it wrote. */
void tc_round_run(const struct tc_planned *planned, const struct tc_round_order *order,
                  struct tc_round_outcome *out);
void tc_round_clear(struct tc_round_outcome *outcome);

#endif
