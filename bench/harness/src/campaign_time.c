/* SPDX-License-Identifier: MIT
 *
 * The clock of a campaign: what has passed, what a round will take, and what is left. A time limit
 * counts from the start of the program to the end of the last saving, so what comes after the last
 * round is set aside: twice the dearest saving so far, as the document grows between two, and the
 * longest that a process took to be gone; but not more than a twentieth of the limit.
 */
#include "campaign_run.h"

#include "base/clock.h"

enum { SAVE_MARGIN = 2, RESERVE_SHARE = 20 };
#define SAVE_LEAST_NS (10 * TC_NS_PER_MS)

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

uint64_t tc__elapsed_ns(const struct run *run)
{
    return run->earlier_ms * TC_NS_PER_MS + tc_now_ns() - run->started_ns;
}

uint64_t tc__time_left_ns(const struct run *run)
{
    uint64_t limit = run->campaign->rules.time_limit_ns;
    uint64_t saving = SAVE_MARGIN * run->save_cost_max_ns;
    uint64_t reserve = (saving > SAVE_LEAST_NS ? saving : SAVE_LEAST_NS) + run->ending_max_ns;
    if (!limit)
        return TC_NEVER;
    return less(limit, tc__elapsed_ns(run) + least(reserve, limit / RESERVE_SHARE));
}

/* The next round of a cell, judging from its earlier ones; warm-up and starting come on top of what
 * one measures. */
static uint64_t expected_ns(const struct run *run, const struct tc_cell_progress *cell)
{
    uint64_t measuring = run->campaign->rules.measure_ms * TC_NS_PER_MS;
    return cell->wall_ns ? cell->wall_ns : measuring + measuring / 4;
}

bool tc_round_fits(const struct tc_rules *rules, uint64_t rounds, uint64_t expected_ns,
                   uint64_t elapsed_ns, uint64_t left_ns)
{
    if (expected_ns > left_ns)
        return false;
    return rounds < rules->rounds_min || elapsed_ns + expected_ns <= rules->budget_ns;
}

bool tc__round_fits(const struct run *run, const struct tc_cell_progress *cell)
{
    return tc_round_fits(&run->campaign->rules, cell->rounds, expected_ns(run, cell),
                         tc__elapsed_ns(run), tc__time_left_ns(run));
}

/* The rounds up to `goal` of all open cells; those of a cell not yet seen are like the others'. */
static uint64_t work_left_ns(const struct run *run, uint64_t goal)
{
    const struct tc_campaign *campaign = run->campaign;
    uint64_t known = 0, walls = 0, sum = 0;
    for (size_t i = 0; i < campaign->plan->count; i++) {
        known += campaign->cells[i].wall_ns > 0;
        walls += campaign->cells[i].wall_ns;
    }
    for (size_t i = 0; i < campaign->plan->count; i++) {
        const struct tc_cell_progress *cell = &campaign->cells[i];
        if (cell->state != TC_CELL_OPEN)
            continue;
        uint64_t each = cell->wall_ns || !known ? expected_ns(run, cell) : walls / known;
        sum += less(goal, cell->rounds) * each;
    }
    return sum;
}

uint64_t tc__remaining_ns(const struct run *run)
{
    const struct tc_rules *rules = &run->campaign->rules;
    uint64_t must = work_left_ns(run, rules->rounds_min);
    uint64_t may = less(rules->budget_ns, tc__elapsed_ns(run));
    uint64_t wanted = least(work_left_ns(run, rules->rounds_max), may > must ? may : must);
    return least(wanted, tc__time_left_ns(run));
}
