/* SPDX-License-Identifier: MIT
 *
 * What the files of the comparison share: its rows, a row's rounds as numbers, and the judgement.
 */
#ifndef COMPARE_INTERNAL_H
#define COMPARE_INTERNAL_H

#include "harness/compare.h"

/* One round: the logarithm of its cost (a throughput counts inverted), and how fast the machine
 * was. Of a ratio all three are differences between the two rounds of a block. */
struct tc__point {
    uint64_t block;
    double cost;      /* log; what the file's own median is taken from */
    double speed;     /* log of the probe: larger is slower; NaN without one */
    double busy;      /* 1 in the slower of two groups, else 0 */
    double low, high; /* of the probes within the round, log; NaN without */
    bool mixed;       /* it was in both groups, or of a ratio's two rounds one was */
};

struct tc__series {
    struct tc__point *points; /* in the order of measuring */
    size_t count;
    bool undefined; /* a round is 0 or negative: it has no logarithm */
};

/* The rounds of a measurement. `split` parts the probes into two groups; NaN for one group. */
struct tc__series tc__series_read(const struct tc_results *results,
                                  const struct tc_measurement *measurement, double split);
/* over / under, block by block; both are left as they are. */
struct tc__series tc__series_ratio(const struct tc__series *over, const struct tc__series *under);
void tc__series_clear(struct tc__series *series);

/* Where the probes of all rounds of these results part into two groups (log), or NaN. */
double tc__speed_split(const struct tc_results *const *results, size_t count);

/* A row's two sides. */
struct tc__sides {
    struct tc__series base, new;
    bool timed; /* costs follow the machine's speed at all */
};

/* b, the slope of log cost over log probe within a group, from all rows; 1 (costs follow the clock)
 * where there are too few rounds to tell. */
double tc__common_slope(const struct tc__sides *rows, size_t count);

struct tc__shift {
    double shift, low, high; /* log cost, new - base, with its 95 % interval */
    double p;                /* two-sided, of a change beyond the least effect */
    bool adjusted;
    bool confounded; /* the files' speeds differ, and nothing tells how the row follows them */
};

struct tc__shift tc__judge(const struct tc__sides *sides, double slope, double min_effect);

/* The costs of both sides at the same speed of the machine, by the covariate that leaves the least
 * spread, into arrays with room for them. */
void tc__adjusted_costs(const struct tc__sides *sides, double slope, double *base, double *new);

/* A comparison in the making. */
struct tc__maker {
    const struct tc_results *base, *new;
    const struct tc_compare_rules *rules;
    struct tc_comparison *out;
    struct tc__sides *sides;      /* one a row, empty where nothing can be compared */
    double base_split, new_split; /* where each file's probes part, or NaN */
};

/* Add the rows of cells and metrics of both files / of ratios of models, for every row so far that
 * is comparable, which then is not judged itself. */
void tc__add_figures(struct tc__maker *maker);
void tc__add_ratios(struct tc__maker *maker);

/* All rows together, once each has its rounds; *rows is how many take part. All NaN when fewer than
 * two do. */
struct tc__shift tc__judge_together(const struct tc__maker *maker, double slope, size_t *rows);

/* The chosen measurements of `in` that `other` has no counterpart to; a list to be freed. */
const struct tc_measurement **tc__alone(const struct tc__maker *maker, const struct tc_results *in,
                                        const struct tc_results *other, size_t *count);

#endif
