/* SPDX-License-Identifier: MIT
 *
 * What one more task costs: the slope of a figure over the number of tasks, which is free of what a
 * process needs but once (the intercept) and of steps that average out.
 *
 * The line is Theil and Sen's: the slope is the median of the slopes of all pairs of points with
 * different numbers of tasks, its interval comes from Kendall's rank correlation (H. Theil, Proc.
 * Kon. Ned. Akad. v. Wetensch. A 53, 1950; P. K. Sen, J. Amer. Stat. Assoc. 63, 1968). A round that
 * went wrong, or a meter that is noisy for few tasks, does not turn it. One point a round: rounds
 * are processes of their own, and so independent.
 */
#ifndef HARNESS_SLOPE_H
#define HARNESS_SLOPE_H

#include "harness/results.h"

/* From this many numbers of tasks on a slope is one to rely on; from two on there is one. */
enum { TC_SLOPE_VALUES = 8, TC_SLOPE_VALUES_MIN = 2, TC_SLOPE_POINTS_MAX = 2000 };

struct tc_line {
    double slope, low, high; /* with its 95 % interval; NaN where too few points give none */
    double intercept;        /* median of y - slope * x */
};

/* Fits the line. False, and everything NaN, when no two points differ in x or there are more than
 * TC_SLOPE_POINTS_MAX. O(count^2 log count). */
bool tc_theil_sen(const double *x, const double *y, size_t count, struct tc_line *out);

struct tc_slope {
    struct tc_line line;           /* per task, and for no task, in the metric's unit */
    size_t points, values;         /* rounds; different numbers of tasks */
    uint64_t tasks_min, tasks_max; /* between which */
    double residual; /* the largest distance of a cell's median from the line, as a share of it */
};

/* The slope of a metric that is given a task, over all cells that were planned like `cell` but for
 * the number of tasks and were ok. False when these are fewer than TC_SLOPE_VALUES_MIN. */
bool tc_slope_find(const struct tc_results *results, const struct tc_cell *cell, const char *metric,
                   struct tc_slope *out);

/* Whether both were planned alike but for the number of tasks. */
bool tc_slope_same_line(const struct tc_cell *a, const struct tc_cell *b);

#endif
