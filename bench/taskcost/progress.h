/* SPDX-License-Identifier: MIT
 *
 * Progress of a run, on standard error: one redrawn line on a terminal, plain lines elsewhere.
 */
#ifndef TASKCOST_PROGRESS_H
#define TASKCOST_PROGRESS_H

#include "harness/campaign.h"

struct progress {
    const char *command; /* whose it is: run, unless set to another */
    bool terminal;
    bool drawn;        /* a line without its newline is on the terminal */
    uint64_t drawn_ns; /* when it was drawn, in the run's time */
    bool said;         /* a plain line was printed */
    uint64_t said_ns;  /* when */
};

/* Looks whether standard error is a terminal. */
void progress_init(struct progress *progress);

/* For struct tc_campaign: `context` is a struct progress. */
void progress_show(void *context, const struct tc_progress *now);

/* Clears the line on a terminal, so that something else can be printed. */
void progress_end(struct progress *progress);

#endif
