/* SPDX-License-Identifier: MIT
 *
 * Raising the limits on tasks for a while, and putting every value back.
 *
 * What is raised: soft resource limits to the hard ones, for this process and its children; and, of
 * the machine, kernel.pid_max, kernel.threads-max, vm.max_map_count and pids.max of every parent
 * control group. The old values of what outlives the process are in a journal, complete and synced,
 * before the first is changed: whoever finds it after a kill -9 can still put them back. It lies in
 * /run, which a restart of the machine clears together with these settings.
 *
 * `root` is put before every path, "" for this machine; with another root no resource limit of this
 * process is touched.
 */
#ifndef HARNESS_RAISE_H
#define HARNESS_RAISE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

#define TC_RAISE_JOURNAL "/run/taskcost-raised-limits.json"

struct tc_raise {
    char name[64];         /* as in harness/limits.h */
    char path[512];        /* the file; "" for a resource limit of this process */
    char old[32], new[32]; /* numbers, "max" or "unlimited" */
    bool permitted;        /* whether this user may set it */
};

enum { TC_RAISES_MAX = 32 };

struct tc_raises {
    struct tc_raise items[TC_RAISES_MAX];
    size_t count;
};

/* What could be raised here, and to what; changes nothing. */
void tc_raise_plan(struct tc_raises *raises, const char *root);

/* Raises everything that is permitted. 0; -EBUSY with a sentence when a journal says that an
 * earlier raise was not undone; another negative errno value with a sentence when one could not be
 * set, and then whatever was set before it is put back. */
int tc_raise_apply(struct tc_raises *raises, const char *root, struct tc_error *err);

/* Puts back what this process has raised, then what the journal says. 0 when all is as it was and
 * the journal is gone, or there was none; a negative errno value with a sentence that names what
 * could not be put back, which the journal then keeps. *count is how many of the machine's values
 * were put back. */
int tc_raise_undo(const struct tc_raises *raises, const char *root, size_t *count,
                  struct tc_error *err);

#endif
