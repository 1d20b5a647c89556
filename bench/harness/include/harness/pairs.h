/* SPDX-License-Identifier: MIT
 *
 * Two cells of one run compared block by block.
 *
 * The rounds of one block ran close in time, so that a machine that is slow for a while is slow for
 * both: the ratio within a block is steadier than either figure. One block gives one ratio and one
 * difference; what is told of them is their median with its order-statistic interval, and whether
 * their sign is more one-sided than chance (stats.h). Rounds whose block the other cell has not are
 * left out here, and stay in the cell's own figures.
 *
 * Signs alone can't tell much from few blocks: ten that all agree have p = 0.002, and in a table of
 * thirty comparisons that is nothing, be the ratio a thousand. Ranks can (ten against ten:
 * 0.00001), but see nothing of small differences that every block shows. So there is a p-value of
 * either; as there are two tests, the smaller one counts twice (Bonferroni). A rank test takes the
 * cells as independent; what they share in a block makes them more alike, and the test only more
 * careful.
 *
 * Where the stopping rule has spent some of the error (campaign.h), the interval is at the level of
 * the two cells' own, and `p_either` larger by as much: both keep 95 % whenever the cells ended.
 */
#ifndef HARNESS_PAIRS_H
#define HARNESS_PAIRS_H

#include "harness/results.h"

struct tc_pairing {
    size_t pairs;                        /* blocks that both cells were measured in */
    double ratio, ratio_low, ratio_high; /* over / under, with its interval */
    double difference, difference_low, difference_high; /* over - under, never clipped */
    double p;        /* two-sided sign test of whether either is the larger one, by itself */
    double p_either; /* of sign and rank test, to be held against TC_ALPHA */
    bool one_sided;  /* the same one was larger in every block */
};

/* Pairs the rounds of equal block; where a block has several of one cell, the first with the first.
 * An interval is NaN below 6 pairs, or more at a higher level; all that is told of the ratio is NaN
 * where `under` is not above 0 in every pair. False, and everything NaN, when there is no pair. */
bool tc_pair(const struct tc_measurement *over, const struct tc_measurement *under,
             struct tc_pairing *out);

#endif
