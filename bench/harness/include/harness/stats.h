/* SPDX-License-Identifier: MIT
 *
 * The statistics of a cell. Undefined is NaN here and null in JSON, never 0.
 *
 * The unit of analysis is the round (one process), because samples of one process are not
 * independent: the headline is the median of the rounds' medians, its interval a percentile
 * bootstrap over rounds (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13).
 * Percentiles come from the pooled samples and are descriptive.
 */
#ifndef HARNESS_STATS_H
#define HARNESS_STATS_H

#include "base/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fewer rounds than this give no interval; a percentile p is given from 10 / (1 - p) samples on
 * (p50 from 1, p90 from 100, p99 from 1,000, p999 from 10,000). */
enum { TC_STATS_MIN_ROUNDS_FOR_CI = 3, TC_STATS_RESAMPLES = 2000 };

struct tc_summary {
    uint64_t rounds, samples;
    double median;          /* median of the rounds' medians */
    double ci_low, ci_high; /* 95 % bootstrap interval of that median over rounds */
    double mean, stddev;    /* of the rounds' medians; stddev needs two rounds (n - 1) */
    double min, max;        /* of the pooled samples */
    double p50, p90, p99, p999;
};

/* Sorts in place. NaN values are not allowed in any of these. */
void tc_sort(double *values, size_t count);

/* Of sorted values: linear interpolation between closest ranks (R's type 7). NaN when empty. */
double tc_quantile_sorted(const double *sorted, size_t count, double quantile);

/* Of unsorted values; sorts a copy. NaN when empty. */
double tc_median(const double *values, size_t count);

double tc_mean(const double *values, size_t count);
/* Two-pass sample standard deviation (n - 1); NaN below two values. */
double tc_stddev(const double *values, size_t count);

/* Whether so many samples say anything about this quantile (0..1): at least ten lie beyond it. */
bool tc_percentile_is_defined(double quantile, uint64_t samples);

/* 95 % percentile-bootstrap interval of the median of `values`; NaN below the minimum count.
 * Deterministic for a given generator state. O(resamples * count). */
void tc_bootstrap_median_ci(const double *values, size_t count, struct tc_rng *rng, double *low,
                            double *high);

/* Interval of the ratio median(a) / median(b), resampling both; for different cells of a run. NaN
 * below the minimum count on either side, or where a resampled median(b) is 0. */
void tc_bootstrap_ratio_ci(const double *a, size_t na, const double *b, size_t nb,
                           struct tc_rng *rng, double *low, double *high);

#endif
