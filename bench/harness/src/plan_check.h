/* SPDX-License-Identifier: MIT
 *
 * For plan.c: whether a request can be planned at all, and which of its cells belong together.
 */
#ifndef HARNESS_PLAN_CHECK_H
#define HARNESS_PLAN_CHECK_H

#include "harness/plan.h"

/* 0, or -EINVAL with a sentence. */
int tc__plan_check(const struct tc_plan_request *request, const struct tc_workers *workers,
                   const struct tc_topology *topology, struct tc_error *err);

/* Whether a name is among those asked for; all are when none was. */
bool tc__is_chosen(const struct tc_words *asked, const char *name);

/* 0 for the smallest profile; -1 for an unknown one. */
int tc__profile_rank(const char *name);

/* Numbers the groups of a plan whose cells are in their order. O(cells^2). */
void tc__plan_group(struct tc_plan *plan, const struct tc_workers *workers);

#endif
