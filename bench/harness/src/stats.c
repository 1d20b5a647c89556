/* SPDX-License-Identifier: MIT
 *
 * Order statistics, moments and the percentile bootstrap of stats.h. Plain and exact rather than
 * fast: the figures are few (rounds) or sorted once (pooled samples).
 */
#include "harness/stats.h"

#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void tc_sort(double *values, size_t count)
{
    if (count > 1)
        qsort(values, count, sizeof *values, compare_doubles);
}

double tc_quantile_sorted(const double *sorted, size_t count, double quantile)
{
    if (count == 0)
        return NAN;
    double place = quantile * (double)(count - 1);
    size_t below = (size_t)place;
    if (below + 1 >= count)
        return sorted[count - 1];
    return sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]);
}

static double *allocate(size_t count)
{
    double *values = malloc((count ? count : 1) * sizeof *values);
    MUST(values);
    return values;
}

double tc_median(const double *values, size_t count)
{
    double *sorted = allocate(count);
    if (count > 0)
        memcpy(sorted, values, count * sizeof *values);
    tc_sort(sorted, count);
    double median = tc_quantile_sorted(sorted, count, 0.5);
    free(sorted);
    return median;
}

double tc_mean(const double *values, size_t count)
{
    long double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return count ? (double)(sum / (long double)count) : NAN;
}

double tc_stddev(const double *values, size_t count)
{
    if (count < 2)
        return NAN;
    long double mean = tc_mean(values, count), squares = 0, rest = 0;
    for (size_t i = 0; i < count; i++) {
        long double off = values[i] - mean;
        squares += off * off;
        rest += off; /* what rounding left in the mean (Chan, Golub, LeVeque 1983, eq. 1.7) */
    }
    return (double)sqrtl((squares - rest * rest / (long double)count) / (long double)(count - 1));
}

bool tc_percentile_is_defined(double quantile, uint64_t samples)
{
    if (quantile <= 0.5)
        return samples > 0;
    /* 10 / (1 - 0.9) is 100.00000000000001 in doubles. */
    return (double)samples >= 10 / (1 - quantile) * (1 - 1e-9);
}

/* Values to draw from, sorted, and how often each was drawn: the median of a resample is found by
 * walking the counts, which spares sorting each one. */
struct drawer {
    double *sorted;
    uint32_t *times;
    size_t count;
};

static struct drawer drawer_of(const double *values, size_t count)
{
    struct drawer drawer = {allocate(count), calloc(count + 1, sizeof(uint32_t)), count};
    MUST(drawer.times);
    memcpy(drawer.sorted, values, count * sizeof *values);
    tc_sort(drawer.sorted, count);
    return drawer;
}

static void drawer_clear(struct drawer *drawer)
{
    free(drawer->sorted);
    free(drawer->times);
}

/* The value of this rank (from 0) in the resample. */
static double drawn_at(const struct drawer *drawer, size_t rank)
{
    size_t i = 0;
    for (size_t seen = drawer->times[0]; seen <= rank; seen += drawer->times[i])
        i++;
    return drawer->sorted[i];
}

/* The median of as many values as there are, drawn from them with replacement. */
static double resampled_median(struct drawer *drawer, struct tc_rng *rng)
{
    size_t count = drawer->count, middle = count / 2;
    memset(drawer->times, 0, count * sizeof *drawer->times);
    for (size_t i = 0; i < count; i++)
        drawer->times[tc_rng_below(rng, count)]++;
    if (count % 2)
        return drawn_at(drawer, middle);
    return (drawn_at(drawer, middle - 1) + drawn_at(drawer, middle)) / 2;
}

static void percentile_interval(double *replicates, size_t count, double *low, double *high)
{
    tc_sort(replicates, count);
    *low = tc_quantile_sorted(replicates, count, 0.025);
    *high = tc_quantile_sorted(replicates, count, 0.975);
}

void tc_bootstrap_median_ci(const double *values, size_t count, struct tc_rng *rng, double *low,
                            double *high)
{
    double replicates[TC_STATS_RESAMPLES];
    *low = *high = NAN;
    if (count < TC_STATS_MIN_ROUNDS_FOR_CI)
        return;
    struct drawer drawer = drawer_of(values, count);
    for (size_t i = 0; i < TC_STATS_RESAMPLES; i++)
        replicates[i] = resampled_median(&drawer, rng);
    percentile_interval(replicates, TC_STATS_RESAMPLES, low, high);
    drawer_clear(&drawer);
}

void tc_bootstrap_ratio_ci(const double *a, size_t na, const double *b, size_t nb,
                           struct tc_rng *rng, double *low, double *high)
{
    double replicates[TC_STATS_RESAMPLES];
    size_t count = 0;
    *low = *high = NAN;
    if (na < TC_STATS_MIN_ROUNDS_FOR_CI || nb < TC_STATS_MIN_ROUNDS_FOR_CI)
        return;
    struct drawer over = drawer_of(a, na), under = drawer_of(b, nb);
    for (size_t i = 0; i < TC_STATS_RESAMPLES; i++) {
        double above = resampled_median(&over, rng), below = resampled_median(&under, rng);
        if (below != 0)
            replicates[count++] = above / below;
    }
    /* A ratio that is undefined in some resamples has no honest interval. */
    if (count == TC_STATS_RESAMPLES)
        percentile_interval(replicates, count, low, high);
    drawer_clear(&over);
    drawer_clear(&under);
}
