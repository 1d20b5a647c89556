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
    double *ratios, *differences;
    size_t count, above, below; /* in how many `over` was the larger one, or `under` */
    bool has_ratio;             /* every ratio is defined */
};

static void add_block(struct blocks *blocks, double over, double under)
{
    blocks->has_ratio = blocks->has_ratio && under > 0;
    blocks->ratios[blocks->count] = over / under;
    blocks->differences[blocks->count++] = over - under;
    blocks->above += over > under;
    blocks->below += over < under;
}

static struct blocks match(const struct tc_measurement *over, const struct tc_measurement *under)
{
    size_t overs, unders, i = 0, j = 0;
    const struct tc_round **x = by_block(over, &overs), **y = by_block(under, &unders);
    size_t most = overs < unders ? overs : unders;
    struct blocks blocks = {.ratios = malloc((most + 1) * sizeof(double)),
                            .differences = malloc((most + 1) * sizeof(double)),
                            .has_ratio = true};
    MUST(blocks.ratios && blocks.differences);
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

bool tc_pair(const struct tc_measurement *over, const struct tc_measurement *under,
             struct tc_pairing *out)
{
    *out = (struct tc_pairing){0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, false};
    struct blocks blocks = match(over, under);
    out->pairs = blocks.count;
    if (blocks.count > 0 && blocks.has_ratio) {
        out->ratio = tc_median(blocks.ratios, blocks.count);
        tc_median_ci(blocks.ratios, blocks.count, TC_CI_LEVEL, &out->ratio_low, &out->ratio_high);
    }
    if (blocks.count > 0) {
        out->difference = tc_median(blocks.differences, blocks.count);
        tc_median_ci(blocks.differences, blocks.count, TC_CI_LEVEL, &out->difference_low,
                     &out->difference_high);
        out->p = tc_sign_test(blocks.below, blocks.above);
        out->one_sided = blocks.above == blocks.count || blocks.below == blocks.count;
    }
    free(blocks.ratios);
    free(blocks.differences);
    return blocks.count > 0;
}
