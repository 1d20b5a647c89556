/* SPDX-License-Identifier: MIT
 *
 * What was chosen on the command line of `taskcost run`; for cmd_run.c and run_resume.c.
 */
#ifndef TASKCOST_RUN_CHOICES_H
#define TASKCOST_RUN_CHOICES_H

#include "harness/plan.h"

struct choices {
    struct tc_plan_request request;               /* profile NULL: not said */
    uint64_t rounds, time_limit_s, round_limit_s; /* 0: not said */
    enum { AS_PROFILE, COUNTED, UNCOUNTED } system_calls;
    uint64_t seed, inject_percent;
    bool has_seed, resume, overwrite;
    const char *output; /* NULL: not said */
};

/* Reads the command line into choices that are all zero: EXIT_DONE, or EXIT_USAGE_ERROR after the
 * sentence. Clear the request with tc_plan_request_clear() either way. */
int run_read_choices(struct choices *choices, int argc, char **argv);

#endif
