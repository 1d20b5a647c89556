/* SPDX-License-Identifier: MIT
 *
 * One sample: order statistics, moments, fences, and what the binomial distribution with p = 1/2
 * says of a median; and Holm's correction. Plain and exact rather than fast: the figures are few
 * (rounds) or sorted once (pooled samples). Two samples are stats_ranks.c's.
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

static double *sorted_copy(const double *values, size_t count)
{
    double *sorted = allocate(count);
    if (count > 0)
        memcpy(sorted, values, count * sizeof *values);
    tc_sort(sorted, count);
    return sorted;
}

double tc_median(const double *values, size_t count)
{
    double *sorted = sorted_copy(values, count);
    double median = tc_quantile_sorted(sorted, count, 0.5);
    free(sorted);
    return median;
}

struct tc_outliers tc_classify_outliers(const double *values, size_t count)
{
    struct tc_outliers found = {0};
    double *sorted = sorted_copy(values, count);
    double q1 = tc_quantile_sorted(sorted, count, 0.25),
           q3 = tc_quantile_sorted(sorted, count, 0.75);
    double range = q3 - q1;
    for (size_t i = 0; i < count; i++) {
        found.low_severe += values[i] < q1 - 3 * range;
        found.low_mild += values[i] < q1 - 1.5 * range && !(values[i] < q1 - 3 * range);
        found.high_mild += values[i] > q3 + 1.5 * range && !(values[i] > q3 + 3 * range);
        found.high_severe += values[i] > q3 + 3 * range;
    }
    free(sorted);
    return found;
}

/* -- fair coins -- */

/* The probability of exactly `heads` among `tosses`; by logarithms, because 2^-tosses underflows.
 */
static double coins(uint64_t tosses, uint64_t heads)
{
    int sign;
    long double ways = lgammal_r((long double)tosses + 1, &sign) -
                       lgammal_r((long double)heads + 1, &sign) -
                       lgammal_r((long double)(tosses - heads) + 1, &sign);
    return (double)expl(ways - (long double)tosses * logl(2));
}

/* How many values may lie on either side of the interval, its end included; 0 when none may. */
static size_t median_rank(size_t count, double level)
{
    double outside = 0;
    size_t rank = 0;
    while (rank < count / 2) {
        outside += 2 * coins(count, rank);
        if (outside > 1 - level + 1e-12)
            break;
        rank++;
    }
    return rank;
}

static void between_ranks(const double *values, size_t count, size_t rank, double *low,
                          double *high)
{
    *low = *high = NAN;
    if (rank == 0)
        return;
    double *sorted = sorted_copy(values, count);
    *low = sorted[rank - 1];
    *high = sorted[count - rank];
    free(sorted);
}

void tc_median_ci(const double *values, size_t count, double level, double *low, double *high)
{
    between_ranks(values, count, median_rank(count, level), low, high);
}

/* The first place in `sorted` whose value is at least (or, with `beyond`, above) this one. */
static size_t place_of(const double *sorted, size_t count, double value, bool beyond)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sorted[middle] < value || (beyond && sorted[middle] == value))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double tc_autocorrelation(const double *values, size_t count)
{
    double products = 0, squares = 0, before = 0, *sorted = sorted_copy(values, count);
    for (size_t i = 0; i < count; i++) {
        double rank = (double)(place_of(sorted, count, values[i], false) +
                               place_of(sorted, count, values[i], true)) -
                      (double)count; /* twice its distance from the middle */
        products += rank * before;
        squares += rank * rank;
        before = rank;
    }
    free(sorted);
    if (squares == 0)
        return 0;
    double r = products / squares;
    return fmin(fmax(r + (1 + 4 * fmax(r, 0)) / (double)count, 0), 0.9);
}

void tc_median_ci_in_time(const double *values, size_t count, double level, double *low,
                          double *high)
{
    size_t rank = median_rank(count, level);
    double r = tc_autocorrelation(values, count);
    double middle = ((double)count + 1) / 2; /* of the ranks 1 to count */
    double reach = (middle - (double)rank) * sqrt((1 + r) / (1 - r));
    if (rank > 0)
        rank = reach < middle - 1 ? (size_t)(middle - reach + 1e-9) : 1;
    between_ranks(values, count, rank, low, high);
}

double tc_sign_test(uint64_t below, uint64_t above)
{
    uint64_t fewer = below < above ? below : above;
    double tail = 0;
    for (uint64_t i = 0; i <= fewer; i++)
        tail += coins(below + above, i);
    return fmin(1, 2 * tail);
}

/* -- many tests at once -- */

static int compare_places(const void *a, const void *b)
{
    return compare_doubles(*(const double *const *)a, *(const double *const *)b);
}

void tc_holm(double *p, size_t count)
{
    size_t tests = 0;
    double adjusted = 0;
    double **places =
        malloc((count + 1) * sizeof *places); /* of the defined ones, smallest first */
    MUST(places);
    for (size_t i = 0; i < count; i++)
        if (!isnan(p[i]))
            places[tests++] = &p[i];
    qsort(places, tests, sizeof *places, compare_places);
    for (size_t i = 0; i < tests; i++) {
        adjusted = fmax(adjusted, fmin(1, *places[i] * (double)(tests - i)));
        *places[i] = adjusted;
    }
    free(places);
}
