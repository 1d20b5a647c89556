/* SPDX-License-Identifier: MIT
 *
 * Which cells of a plan are to be compared with one another: those that differ in the model alone.
 * A choice that only some models have (a thread's stack) makes further members of the same group;
 * one that every model takes belongs to the work and separates groups.
 */
#include "plan_check.h"

#include "base/status.h"

#include <string.h>

/* Every choice of the workload's that one has, the other has alike. */
static bool agree(const struct tc_workers *workers, const struct tc_cell *a,
                  const struct tc_cell *b)
{
    for (size_t i = 0; i < a->param_count; i++) {
        const struct tc_param *param = &a->params[i];
        const char *other = tc_cell_param(b, param->name);
        if (tc_workers_share_param(workers, a->workload, param->name) &&
            (!other || strcmp(param->value, other) != 0))
            return false;
    }
    return true;
}

static bool same_group(const struct tc_workers *workers, const struct tc_planned *a,
                       const struct tc_planned *b)
{
    return !a->skipped && !b->skipped && strcmp(a->cell.workload, b->cell.workload) == 0 &&
           strcmp(a->cell.placement, b->cell.placement) == 0 && a->cell.tasks == b->cell.tasks &&
           agree(workers, &a->cell, &b->cell);
}

void tc__plan_group(struct tc_plan *plan, const struct tc_workers *workers)
{
    size_t groups = 0;
    for (size_t i = 0; i < plan->count; i++) {
        size_t j = 0;
        while (j < i && !same_group(workers, &plan->cells[j], &plan->cells[i]))
            j++;
        plan->cells[i].group = j < i ? plan->cells[j].group : groups++;
    }
}
