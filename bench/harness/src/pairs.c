/* SPDX-License-Identifier: MIT
 *
 * Pairing by block, see pairs.h: both cells' rounds in the order of their blocks, walked together.
 */
#include "harness/pairs.h"

#include "base/status.h"

#include <math.h>
#include <stdlib.h>

static int compare_rounds(const void *a, const void *b)
{
    const struct tc_round *x = *(const struct tc_round *const *)a;
    const struct tc_round *y = *(const struct tc_round *const *)b;
    if (x->block != y->block)
        return x->block < y->block ? -1 : 1;
    return (x > y) - (x < y); /* of one array: the order of measuring */
}

/* The rounds that have a figure, by block; to be freed. */
static const struct tc_round **by_block(const struct tc_measurement *m, size_t *count)
{
    const struct tc_round **rounds = malloc((m->round_count + 1) * sizeof *rounds);
    MUST(rounds);
    *count = 0;
    for (size_t i = 0; i < m->round_count; i++)
        if (isfinite(m->rounds[i].median))
            rounds[(*count)++] = &m->rounds[i];
    qsort(rounds, *count, sizeof *rounds, compare_rounds);
    return rounds;
}

struct blocks {
    double *overs, *unders, *ratios, *differences; /* one allocation, at the first */
    size_t count, above, below; /* in how many `over` was the larger one, or `under` */
    bool has_ratio;             /* every ratio is defined */
};

static void add_block(struct blocks *blocks, double over, double under)
{
    blocks->has_ratio = blocks->has_ratio && under > 0;
    blocks->overs[blocks->count] = over;
    blocks->unders[blocks->count] = under;
    blocks->ratios[blocks->count] = over / under;
    blocks->differences[blocks->count++] = over - under;
    blocks->above += over > under;
    blocks->below += over < under;
}

static struct blocks new_blocks(size_t most)
{
    double *values = calloc(4 * most + 1, sizeof *values);
    MUST(values);
    return (struct blocks){.overs = values,
                           .unders = values + most,
                           .ratios = values + 2 * most,
                           .differences = values + 3 * most,
                           .has_ratio = true};
}

static struct blocks match(const struct tc_measurement *over, const struct tc_measurement *under)
{
    size_t overs, unders, i = 0, j = 0;
    const struct tc_round **x = by_block(over, &overs), **y = by_block(under, &unders);
    struct blocks blocks = new_blocks(overs < unders ? overs : unders);
    while (i < overs && j < unders) {
        if (x[i]->block < y[j]->block)
            i++;
        else if (x[i]->block > y[j]->block)
            j++;
        else
            add_block(&blocks, x[i++]->median, y[j++]->median);
    }
    free(x);
    free(y);
    return blocks;
}

/* Of both tests, see pairs.h. */
static double p_of_either(const struct blocks *blocks, double p_signs, double level)
{
    double p_ranks = tc_mann_whitney(blocks->overs, blocks->count, blocks->unders, blocks->count);
    return fmin(1, 2 * fmin(p_signs, p_ranks) * (1 - TC_CI_LEVEL) / (1 - level));
}

bool tc_pair(const struct tc_measurement *over, const struct tc_measurement *under,
             struct tc_pairing *out)
{
    *out = (struct tc_pairing){0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, false};
    double level = fmax(TC_CI_LEVEL, fmax(over->level, under->level));
    struct blocks blocks = match(over, under);
    out->pairs = blocks.count;
    if (blocks.count > 0 && blocks.has_ratio) {
        out->ratio = tc_median(blocks.ratios, blocks.count);
        tc_median_ci(blocks.ratios, blocks.count, level, &out->ratio_low, &out->ratio_high);
    }
    if (blocks.count > 0) {
        out->difference = tc_median(blocks.differences, blocks.count);
        tc_median_ci(blocks.differences, blocks.count, level, &out->difference_low,
                     &out->difference_high);
        out->p = tc_sign_test(blocks.below, blocks.above);
        out->p_either = p_of_either(&blocks, out->p, level);
        out->one_sided = blocks.above == blocks.count || blocks.below == blocks.count;
    }
    free(blocks.overs);
    return blocks.count > 0;
}
