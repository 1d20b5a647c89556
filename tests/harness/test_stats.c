/* SPDX-License-Identifier: MIT
 *
 * Statistics against tables computed elsewhere; each has the command that made it.
 */
#include "test_main.h"

#include "harness/stats.h"

#include <math.h>

static void near(double given, double expected)
{
    if (!(fabs(given - expected) <= 1e-12 * fmax(1, fabs(expected))))
        fail_msg("%.17g where %.17g was expected", given, expected);
}

/* python3 -c 'import statistics as s; v = [3.1, 1.2, 9.7, 4.4, 4.4, 7.9, 2.5];
 * print(s.median(v), s.mean(v), s.stdev(v), s.quantiles(v, n=10, method="inclusive"))'
 * The inclusive method is R's type 7: quantile(v, 1:9 / 10, type = 7). */
static void test_against_pythons_statistics(void **state)
{
    double v[] = {3.1, 1.2, 9.7, 4.4, 4.4, 7.9, 2.5};
    static const double deciles[] = {1.98, 2.62, 2.98, 3.62, 4.4, 4.4, 5.1, 7.2, 8.62};
    (void)state;
    near(tc_median(v, 7), 4.4);
    assert_true(v[0] == 3.1); /* the argument is left as it was */
    near(tc_mean(v, 7), 4.742857142857143);
    near(tc_stddev(v, 7), 3.0292227511674468);
    tc_sort(v, 7);
    for (size_t i = 0; i < 9; i++)
        near(tc_quantile_sorted(v, 7, (double)(i + 1) / 10), deciles[i]);
    near(tc_quantile_sorted(v, 7, 0), 1.2);
    near(tc_quantile_sorted(v, 7, 1), 9.7);
}

/* A difference of large sums would lose all digits here:
 * python3 -c 'import statistics as s; print(s.stdev([1e9 + x for x in (4, 7, 13, 16)]))' */
static void test_deviation_of_large_values(void **state)
{
    static const double v[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
    static const double same[] = {0.1, 0.1, 0.1};
    (void)state;
    near(tc_stddev(v, 4), 5.477225575051661);
    near(tc_stddev(same, 3), 0);
}

static void test_undefined_is_nan(void **state)
{
    static const double one[] = {5, 6};
    struct tc_rng rng;
    double low = 0, high = 0;
    (void)state;
    tc_rng_seed(&rng, 1);
    assert_true(isnan(tc_median(NULL, 0)));
    assert_true(isnan(tc_mean(NULL, 0)));
    assert_true(isnan(tc_quantile_sorted(NULL, 0, 0.5)));
    assert_true(isnan(tc_stddev(one, 1)));
    near(tc_median(one, 1), 5);
    tc_bootstrap_median_ci(one, 2, &rng, &low, &high);
    assert_true(isnan(low) && isnan(high));
    low = high = 0;
    tc_bootstrap_ratio_ci(one, 2, one, 2, &rng, &low, &high);
    assert_true(isnan(low) && isnan(high));
}

static void test_percentiles_need_samples(void **state)
{
    (void)state;
    assert_false(tc_percentile_is_defined(0.5, 0));
    assert_true(tc_percentile_is_defined(0.5, 1));
    assert_false(tc_percentile_is_defined(0.9, 99));
    assert_true(tc_percentile_is_defined(0.9, 100));
    assert_false(tc_percentile_is_defined(0.99, 999));
    assert_true(tc_percentile_is_defined(0.99, 1000));
    assert_false(tc_percentile_is_defined(0.999, 9999));
    assert_true(tc_percentile_is_defined(0.999, 10000));
}

/* The bootstrap median is at most the k-th smallest value with probability
 * P(Binomial(n, k / n) >= (n + 1) / 2), so its 2.5 % point is known exactly:
 * python3 -c 'from math import comb
 * for k in range(1, 12): print(k, sum(comb(11, i) * (k/11)**i * (1 - k/11)**(11 - i)
 *                                     for i in range(6, 12)))'
 * gives 0.0072 for k = 2 and 0.0512 for k = 3: the interval of 1..11 is [3, 9]. */
static void test_bootstrap_against_the_exact_distribution(void **state)
{
    static const double v[] = {11, 1, 10, 2, 9, 3, 8, 4, 7, 5, 6};
    double low, high;
    struct tc_rng rng;
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        tc_rng_seed(&rng, seed);
        tc_bootstrap_median_ci(v, 11, &rng, &low, &high);
        near(low, 3);
        near(high, 9);
    }
}

static void test_bootstrap_is_repeatable(void **state)
{
    static const double v[] = {4.1, 4.7, 3.9, 5.2, 4.4, 4.8};
    double low[2], high[2];
    struct tc_rng rng;
    (void)state;
    for (int i = 0; i < 2; i++) {
        tc_rng_seed(&rng, 7);
        tc_bootstrap_median_ci(v, 6, &rng, &low[i], &high[i]);
    }
    assert_true(low[0] == low[1] && high[0] == high[1]);
    assert_true(low[0] >= 3.9 && high[0] <= 5.2 && low[0] < high[0]);
}

/* About 95 of 100 intervals should hold the truth; the median's percentile bootstrap is known to be
 * a little wide or narrow at such sizes. Seeded, so the count is the same on every run. */
static void test_bootstrap_covers_the_truth(void **state)
{
    enum { TRIALS = 300, COUNT = 15 };
    double values[COUNT], low, high;
    int covered = 0;
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 3);
    for (int trial = 0; trial < TRIALS; trial++) {
        for (int i = 0; i < COUNT; i++) /* exponential with median ln 2 */
            values[i] = -log((double)(tc_rng_below(&rng, 1000000) + 1) / 1000001);
        tc_bootstrap_median_ci(values, COUNT, &rng, &low, &high);
        covered += low <= log(2) && log(2) <= high;
    }
    assert_in_range(covered, TRIALS * 90 / 100, TRIALS * 99 / 100);
}

static void test_ratio_interval(void **state)
{
    static const double a[] = {20, 20, 20, 20}, b[] = {10, 10, 10}, zero[] = {0, 0, 0};
    static const double c[] = {18, 20, 22, 24, 19}, d[] = {9, 10, 11, 12, 9.5};
    double low, high;
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 5);
    tc_bootstrap_ratio_ci(a, 4, b, 3, &rng, &low, &high);
    near(low, 2);
    near(high, 2);
    tc_bootstrap_ratio_ci(c, 5, d, 5, &rng, &low, &high);
    assert_true(low < 2 && high > 2 && low > 1 && high < 4);
    tc_bootstrap_ratio_ci(a, 4, zero, 3, &rng, &low, &high);
    assert_true(isnan(low) && isnan(high));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_against_pythons_statistics),
    cmocka_unit_test(test_deviation_of_large_values),
    cmocka_unit_test(test_undefined_is_nan),
    cmocka_unit_test(test_percentiles_need_samples),
    cmocka_unit_test(test_bootstrap_against_the_exact_distribution),
    cmocka_unit_test(test_bootstrap_is_repeatable),
    cmocka_unit_test(test_bootstrap_covers_the_truth),
    cmocka_unit_test(test_ratio_interval),
};
TEST_MAIN(tests)
