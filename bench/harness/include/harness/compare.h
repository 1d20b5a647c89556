/* SPDX-License-Identifier: MIT
 *
 * Two results, row by row: did a figure get better or worse?
 *
 * The rounds of one file are held against those of the other, as logarithms of their medians, by
 * ranks: Mann and Whitney's test and Hodges and Lehmann's shift with its interval (stats.h), so
 * that a few disturbed rounds decide nothing. Three things would make that test too bold:
 *
 * The speed of the machine. Each round's probe (docs/protocol.md) is a covariate. A machine that
 * has a clock and neighbours has two kinds of slowness: a slower clock, which all code follows
 * alike, and a shared core, which each code feels in its own degree. So the probe enters twice:
 *     log y = file + b log(probe) + c busy + error
 * with `busy` whether the probe belongs to the slower of two groups (2-means; only where they are
 * 1.2-fold apart), b learnt from all rows together (a weighted Theil-Sen slope over pairs of rounds
 * of one file and group: Sen 1968, Sievers 1978) and c of each row from pairs across its groups.
 * Also tried are no covariate at all, the clock alone, and a slope of the row's own for machines
 * that are shared for parts of a round. The one that leaves the least spread is taken; the interval
 * also covers what those say that fit about as well, and a change is one that they all show. The
 * interval is widened by what an analysis of covariance loses where the files' speeds differ
 * (Huitema, "The Analysis of Covariance and Alternatives", 2011, ch. 6); where nothing tells how a
 * row follows the speed, and the speeds differ, the row is unclear.
 *
 * Drift. Rounds that follow each other are alike; the interval is widened by the lag-1
 * autocorrelation r of what the covariate leaves, as sqrt((1 + r) / (1 - r)) (Bayley and Hammersley
 * 1946; r corrected for its bias: Marriott and Pope 1954). Beyond that two runs differ in what
 * neither can see; therefore
 *
 * the test is of a least effect: `worse` is said when a change of more than `min_effect` is shown,
 * and not merely a change (Hodges and Lehmann 1954). P-values are Holm's, over all judged rows.
 *
 * All rows are also judged together (compare_together.c), as a change in every row shows there long
 * before it shows in any of them. The table as a whole and its rows share alpha: both p-values are
 * doubled.
 *
 * Figures in themselves are judged on the same machine only (environment_diff.h); between machines
 * the ratios of models are, each formed within the blocks of its own file.
 */
#ifndef HARNESS_COMPARE_H
#define HARNESS_COMPARE_H

#include "harness/environment_diff.h"
#include "harness/words.h"

struct tc_compare_rules {
    double min_effect; /* as a share: 0.02 */
    double alpha;      /* chance that any row of an unchanged table is called better or worse */
    struct tc_words metrics; /* only these; empty: all but what the system counts an operation */
};

enum tc_change {
    TC_WORSE,
    TC_BETTER,
    TC_SAME,           /* the interval is within the least effect */
    TC_UNCLEAR,        /* neither shown; `reason` may say why */
    TC_NOT_JUDGED,     /* another machine's absolute figure */
    TC_NOT_COMPARABLE, /* `reason` says why */
    TC_CHANGES
};

struct tc_compared {
    const struct tc_measurement *base, *new;             /* borrowed from the results */
    const struct tc_measurement *base_under, *new_under; /* what a ratio divides by, or NULL */
    double base_value, new_value;   /* medians; of the blocks' ratios for a ratio */
    size_t base_rounds, new_rounds; /* that were compared */
    double ratio, low, high;        /* new : base with a 95 % interval, at the same speed of the
                                       machine; NaN when undefined */
    double raw_ratio;               /* new_value : base_value */
    bool adjusted;                  /* whether the probe entered `ratio` */
    double p;                       /* of a change beyond the least effect, after Holm and doubled;
                                       or NaN */
    enum tc_change change;
    char reason[200]; /* "" when there is nothing to say */
};

/* All rows that are times or rates, as one: a change that is in each of them. */
struct tc_together {
    size_t rows;             /* that take part */
    double ratio, low, high; /* cost, new : base, with a 95 % interval; NaN below two rows */
    double p;                /* of a change beyond the least effect, doubled; or NaN */
    enum tc_change change;   /* worse, better, same or unclear */
};

struct tc_comparison {
    struct tc_differences differences; /* and whether it is the same machine */
    struct tc_compared *rows;          /* in the order of the base; ratios after figures */
    size_t count;
    struct tc_together together;
    size_t changes[TC_CHANGES];                          /* how many rows of each */
    const struct tc_measurement **only_base, **only_new; /* borrowed; of the chosen metrics */
    size_t only_base_count, only_new_count;
};

/* Compares; never fails. Both documents must outlive the comparison. */
void tc_compare(struct tc_comparison *out, const struct tc_results *base,
                const struct tc_results *new, const struct tc_compare_rules *rules);
void tc_comparison_clear(struct tc_comparison *comparison);

/* "worse", "better", "same", "unclear", "not judged", "not comparable". */
const char *tc_change_name(enum tc_change change);

/* Whether more of it is better: operations a second, tasks alive. */
bool tc_more_is_better(const struct tc_measurement *measurement);

#endif
