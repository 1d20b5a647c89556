/* SPDX-License-Identifier: MIT
 *
 * What differs between the surroundings of two runs, and whether both ran on the same machine.
 *
 * A reading has three states (harness/environment.h), and each differs from the others. A reading
 * that one file does not record, as an older version took fewer, is not known to differ and is left
 * out. So are readings that differ at any two moments (load, free memory, the clock's cost).
 */
#ifndef HARNESS_ENVIRONMENT_DIFF_H
#define HARNESS_ENVIRONMENT_DIFF_H

#include "harness/results.h"

struct tc_difference {
    char *name;       /* "environment.cpu.governor", "run.commit" */
    char *base, *new; /* the readings as text: "performance", "absent", "not permitted" */
    bool identity;    /* tells that these are two machines */
};

struct tc_differences {
    struct tc_difference *items; /* by block, in the order of the base's environment */
    size_t count;
    /* The same machine: host, CPU model, kernel (release, version, architecture), topology and
     * hypervisor are equal where both files tell them, and both tell host and CPU model. Settings
     * (governor, mitigations, limits, compiler) are not part of it: they differ on one machine. */
    bool same_machine;
};

/* Never fails. Free with tc_differences_clear(). */
void tc_differences_find(struct tc_differences *out, const struct tc_results *base,
                         const struct tc_results *new);
void tc_differences_clear(struct tc_differences *differences);

#endif
