/* SPDX-License-Identifier: MIT
 *
 * In which order a block measures. The groups of the plan come in an order shuffled for each block;
 * within a group of k cells, every k blocks are one cyclic Latin square: a shuffled row, moved on
 * by one place a block, so that in k blocks each cell has stood in each place once (R. A. Fisher,
 * "The Design of Experiments", 1935, ch. 5). The row is drawn anew for each square, because in a
 * cyclic one every cell always follows the same other.
 */
#include "harness/campaign.h"

#include "base/rng.h"

#include <stdlib.h>

/* A generator of its own for each (seed, a, b): neighbouring seeds and blocks share no order. */
static void derive(struct tc_rng *rng, uint64_t seed, uint64_t a, uint64_t b)
{
    tc_rng_seed(rng, seed);
    tc_rng_seed(rng, tc_rng_next(rng) + a);
    tc_rng_seed(rng, tc_rng_next(rng) + b);
}

static size_t count_groups(const struct tc_plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++)
        if (plan->cells[i].group >= count)
            count = plan->cells[i].group + 1;
    return count;
}

/* The cells of a group in the order of this block; returns how many. */
static size_t place_group(uint64_t seed, uint64_t block, const struct tc_plan *plan, size_t group,
                          size_t *row, size_t *order)
{
    struct tc_rng rng;
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++)
        if (plan->cells[i].group == group)
            row[count++] = i;
    if (count == 0)
        return 0;
    derive(&rng, seed, block / count, group + 1); /* 0 is the order of the groups */
    tc_rng_shuffle(&rng, row, count);
    for (size_t i = 0; i < count; i++)
        order[i] = row[(i + block) % count];
    return count;
}

void tc_block_order(uint64_t seed, uint64_t block, const struct tc_plan *plan, size_t *order)
{
    struct tc_rng rng;
    size_t count = count_groups(plan), placed = 0;
    size_t *groups = calloc(count + 1, sizeof *groups);
    size_t *row = calloc(plan->count + 1, sizeof *row);
    MUST(groups && row);
    for (size_t i = 0; i < count; i++)
        groups[i] = i;
    derive(&rng, seed, block, 0);
    tc_rng_shuffle(&rng, groups, count);
    for (size_t i = 0; i < count; i++)
        placed += place_group(seed, block, plan, groups[i], row, order + placed);
    free(groups);
    free(row);
}
