/* SPDX-License-Identifier: MIT
 *
 * The comparisons of one table of `taskcost show`: which cells are held against each other, block
 * by block (harness/pairs.h), and which differences are told apart once all comparisons of the
 * table are counted (Holm). A ratio and a difference of the same two cells are one comparison.
 */
#ifndef TASKCOST_SHOW_CONTRAST_H
#define TASKCOST_SHOW_CONTRAST_H

#include "show.h"

#include "harness/pairs.h"

struct contrast {
    const struct tc_measurement *over, *under;
    struct tc_pairing pairing;
    double p; /* corrected over the table */
};

struct contrasts {
    struct contrast *items;
    size_t count;
};

/* Adds a comparison unless it is there, a cell is NULL or not ok, or no block has both. */
void contrasts_add(struct contrasts *contrasts, const struct tc_measurement *over,
                   const struct tc_measurement *under);
/* To be called once, when all are added. */
void contrasts_correct(struct contrasts *contrasts);
void contrasts_clear(struct contrasts *contrasts);

/* The comparison of these two, or NULL. */
const struct contrast *contrast_of(const struct contrasts *contrasts,
                                   const struct tc_measurement *over,
                                   const struct tc_measurement *under);

/* Adds the ratio's cell to a table's row, with half its interval and a mark where the two are not
 * told apart; an empty cell for NULL. */
void add_ratio(struct tc_table *table, const struct contrast *contrast);

/* Prints what was compared, each comparison once: ratio and difference with their intervals, the
 * corrected p-value and the number of blocks; and below it what the marks mean. Nothing when
 * nothing was compared. */
void print_contrasts(const struct show *show, const struct selection *selection,
                     const struct contrasts *contrasts, const char *title);

#endif
