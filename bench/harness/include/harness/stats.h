/* SPDX-License-Identifier: MIT
 *
 * The statistics of cells and of their comparison. Undefined is NaN here and null in JSON, never 0.
 *
 * The unit of analysis is the round (one process), because samples of one process are not
 * independent: the headline is the median of the rounds' medians, and every interval and test here
 * is over rounds. Percentiles come from the pooled samples and are descriptive.
 *
 * All of it is free of assumptions about the shape of the distribution, which on real machines is
 * skewed and often has two modes: order-statistic intervals, rank and sign tests. They need more
 * rounds than the bootstrap to say anything, and then keep what they promise. Nothing is random.
 */
#ifndef HARNESS_STATS_H
#define HARNESS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an interval covers where nothing else is said, and how small a p-value tells two apart. */
#define TC_CI_LEVEL 0.95
#define TC_ALPHA    0.05

/* Values outside Tukey's fences: beyond 1.5 interquartile ranges from the quartiles (mild), or
 * beyond 3 (severe); J. W. Tukey, "Exploratory Data Analysis", 1977, section 2D. */
struct tc_outliers {
    uint64_t low_severe, low_mild, high_mild, high_severe;
};

/* Among fewer values than this none can lie outside the fences. */
enum { TC_OUTLIERS_MIN = 4 };

struct tc_summary {
    uint64_t rounds, samples;
    double median;               /* median of the rounds' medians */
    double ci_low, ci_high;      /* its order-statistic interval over rounds */
    double ci_level;             /* the level it was computed at; NaN when there is none */
    double mean, stddev;         /* of the rounds' medians; stddev needs two rounds (n - 1) */
    struct tc_outliers outliers; /* among the rounds' medians; undefined below TC_OUTLIERS_MIN */
    double min, max;             /* of the pooled samples */
    double p50, p90, p99, p999;
};

/* Sorts in place. NaN values are not allowed in any of these, but in tc_holm(). */
void tc_sort(double *values, size_t count);

/* Of sorted values: linear interpolation between closest ranks (R's type 7). NaN when empty. */
double tc_quantile_sorted(const double *sorted, size_t count, double quantile);

/* Of unsorted values; sorts a copy. NaN when empty. */
double tc_median(const double *values, size_t count);

double tc_mean(const double *values, size_t count);
/* Two-pass sample standard deviation (n - 1); NaN below two values. */
double tc_stddev(const double *values, size_t count);

/* Whether so many samples say anything about this quantile (0..1): at least ten lie beyond it
 * (p50 from 1 on, p90 from 100, p99 from 1,000, p999 from 10,000). */
bool tc_percentile_is_defined(double quantile, uint64_t samples);

/* Counts the values outside the fences; all 0 below TC_OUTLIERS_MIN. */
struct tc_outliers tc_classify_outliers(const double *values, size_t count);

/* -- intervals and tests -- */

/* The narrowest symmetric pair of order statistics that holds the median with a probability of at
 * least `level`, whatever the distribution: the k-th smallest and k-th largest value, by the
 * binomial distribution (W. J. Conover, "Practical Nonparametric Statistics", 3rd ed. 1999, section
 * 3.2). NaN when no pair reaches the level: below 6 values for 0.95, below 10 for 0.998. */
void tc_median_ci(const double *values, size_t count, double level, double *low, double *high);

/* Lag-1 autocorrelation of the ranks of values in the order of measuring, corrected for its bias of
 * about -(1 + 4 r) / n (Marriott and Pope 1954), from 0 to 0.9. */
double tc_autocorrelation(const double *values, size_t count);

/* The same interval for values in the order of measuring that may resemble their neighbours: n of
 * them then say as much as n (1 - r) / (1 + r) independent ones (Bayley and Hammersley 1946), so
 * the two ranks move apart by the root of that, at most to the smallest and the largest value.
 * Without autocorrelation it is tc_median_ci(). */
void tc_median_ci_in_time(const double *values, size_t count, double level, double *low,
                          double *high);

/* The two-sided sign test: how likely it is that so uneven a split, or one more uneven, comes of
 * fair coin tosses; 1 when there were none. Ties count on neither side (Conover, section 3.4). */
double tc_sign_test(uint64_t below, uint64_t above);

/* The two-sided Mann-Whitney U test of whether values of one sample tend to be larger than those of
 * the other. Exact without ties where both have fewer than 50 values, else the normal approximation
 * with corrections for ties and continuity (H. B. Mann and D. R. Whitney, Ann. Math. Stat. 18,
 * 1947; Conover, section 5.1). 1 when all values are equal, NaN when a sample is empty. */
double tc_mann_whitney(const double *a, size_t na, const double *b, size_t nb);

/* By how much `b` is larger than `a`: the Hodges-Lehmann estimate, the median of all differences
 * b - a, and the interval that inverts the Mann-Whitney test (J. L. Hodges and E. L. Lehmann, Ann.
 * Math. Stat. 34, 1963; Conover, section 5.4); with ties it covers at least what it would without.
 * The interval is NaN when the level can't be reached (0.95 needs 4 and 4 values, or 3 and 5); all
 * are NaN when a sample is empty. Takes memory for na * nb values. */
void tc_shift_ci(const double *a, size_t na, const double *b, size_t nb, double level,
                 double *shift, double *low, double *high);

/* Adjusts p-values in place so that with all of them held against one bound the chance of any false
 * alarm is at most that bound (S. Holm, Scand. J. Stat. 6, 1979). NaN stays and is not counted. */
void tc_holm(double *p, size_t count);

#endif
