/* SPDX-License-Identifier: MIT
 *
 * System calls an operation, counted in a pass of their own: a traced process is many times slower,
 * so that nothing of it may be timed.
 *
 * The worker runs under `strace -f -c` twice, with an exact number of laps and with more; the
 * difference in calls over the difference in operations is free of what starting, setting up and
 * ending take. Counts are of this machine's strace, exact, and include every thread.
 */
#ifndef HARNESS_SYSTEM_CALLS_H
#define HARNESS_SYSTEM_CALLS_H

#include "harness/plan.h"

/* A model of a thread a task is not traced above so many: starting them would take longer than
 * everything else. */
enum { TC_TRACED_THREADS_MAX = 1000 };

/* Counts for a planned cell that is not skipped, within `limit_ns`, and makes a round's object (the
 * caller's) with the one metric system_calls; where it can't be counted (no strace, not permitted,
 * too many threads, too slow) the metric has no sample but a reason. 0; or -EINTR with a sentence
 * and no object when the program was asked to stop. */
int tc_count_system_calls(const struct tc_planned *planned, uint64_t limit_ns, tc_json **object,
                          struct tc_error *err);

/* The object for a cell that is not even tried, with why. */
tc_json *tc_uncounted_system_calls(const struct tc_planned *planned, const char *reason);

#endif
