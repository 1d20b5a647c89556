/* SPDX-License-Identifier: MIT
 *
 * The parts of `taskcost limit`: raising limits and putting them back, and predicting.
 */
#ifndef TASKCOST_LIMIT_PARTS_H
#define TASKCOST_LIMIT_PARTS_H

#include "harness/plan.h"
#include "harness/raise.h"

#include "base/clock.h"

#include <stdio.h>

/* Filling a large machine with tasks takes as long as it takes. */
#define LIMIT_ROUND_NS (3600 * TC_NS_PER_S)

/* Prints what could be raised, from what to what, and changes nothing. An exit code. */
int limit_raise_show(void);

/* Raises, and says on standard error what and to what. An exit code; if it is not EXIT_DONE nothing
 * is raised. */
int limit_raise_apply(struct tc_raises *raises);

/* Puts back what was raised, NULL for what an earlier run has left; says so on standard error. An
 * exit code. */
int limit_raise_undo(const struct tc_raises *raises);

/* Asks the worker of every cell, one after another, and prints a table. */
void limit_print_predictions(const struct tc_plan *plan, FILE *out);

#endif
