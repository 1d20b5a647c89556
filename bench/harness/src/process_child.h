/* SPDX-License-Identifier: MIT
 *
 * The child's half of process.c, from fork to exec. Private to it.
 */
#ifndef HARNESS_PROCESS_CHILD_H
#define HARNESS_PROCESS_CHILD_H

#include "harness/topology.h"

struct tc_child {
    char *const *argv;
    const struct tc_placement *placement; /* or NULL */
    pid_t parent;
    int output, errors; /* become standard output and error */
    int report;         /* close-on-exec: gets the sentence when exec is not reached */
};

/* Never returns: becomes the program, or writes one sentence to `report` and exits. */
__attribute__((noreturn)) void tc_child_become(const struct tc_child *child);

#endif
