/* SPDX-License-Identifier: MIT
 *
 * The pass that counts system calls, once a cell: after the first block, when it is known which
 * cells work, and before the others, so that it lies within the run's time and not on top. It takes
 * no more than a tenth of that, and what is left over then says so. A cell that already has a
 * count, from before the run was continued, keeps it.
 */
#include "campaign_run.h"

#include "harness/process.h"
#include "harness/system_calls.h"

#include "base/clock.h"

enum { SHARE = 10 };

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Of the time limit, or of the budget where there is none. */
static uint64_t allowance_ns(const struct tc_rules *rules)
{
    uint64_t limit = rules->time_limit_ns ? rules->time_limit_ns : TC_NEVER;
    return least(limit, rules->budget_ns) / SHARE;
}

/* What the worker reported of itself when it was timed belongs to this measurement too. */
static tc_json *reported_parameters(const struct run *run, const struct tc_cell *cell)
{
    tc_json *out = tcj_object();
    const struct tc_measurement *known = tc_results_lookup(run->results, cell, NULL);
    for (size_t i = 0; known && i < known->cell.param_count; i++)
        tcj_set(out, known->cell.params[i].name, tcj_string(known->cell.params[i].value));
    return out;
}

static void add(struct run *run, const struct tc_planned *planned, tc_json *object)
{
    struct tc_error err;
    tcj_set(object, "parameters", reported_parameters(run, &planned->cell));
    MUST(tc_results_add_round(run->results, &planned->cell, run->block - 1, object, &err) == 0);
    tcj_free(object);
}

static bool wants_count(const struct run *run, size_t index)
{
    const struct tc_planned *planned = &run->campaign->plan->cells[index];
    return run->campaign->cells[index].state != TC_CELL_ENDED &&
           run->campaign->cells[index].rounds > 0 &&
           !tc_results_lookup(run->results, &planned->cell, "system_calls");
}

void tc__count_system_calls(struct run *run)
{
    const struct tc_campaign *campaign = run->campaign;
    uint64_t start_ns = tc_now_ns(), allowed_ns = allowance_ns(&campaign->rules);
    for (size_t i = 0; i < campaign->plan->count && !tc_interrupt_signal(); i++) {
        const struct tc_planned *planned = &campaign->plan->cells[i];
        uint64_t spent_ns = tc_now_ns() - start_ns;
        uint64_t left_ns = least(allowed_ns - least(allowed_ns, spent_ns), tc__time_left_ns(run));
        tc_json *object = NULL;
        if (!wants_count(run, i))
            continue;
        tc__tell(run, planned);
        if (left_ns == 0)
            object = tc_uncounted_system_calls(planned, "the time for counting them was spent");
        else if (tc_count_system_calls(planned, left_ns, &object, NULL) < 0)
            break;
        add(run, planned, object);
    }
}
