/* SPDX-License-Identifier: MIT
 *
 * Statistics against what NumPy and SciPy say of the same data (stats_reference.h, made by
 * tests/reference/stats.py), at the edges where nothing can be said, and as promises: over many
 * seeded samples of skewed and two-humped data the intervals hold the truth as often as they claim,
 * and tests of samples that do not differ call few of them different.
 */
#include "test_main.h"

#include "base/rng.h"
#include "base/status.h"
#include "harness/stats.h"
#include "stats_reference.h"

#include <math.h>

static void near(double given, double expected)
{
    if (isnan(expected) ? isnan(given)
                        : fabs(given - expected) <= 1e-9 * fmax(fabs(expected), 1e-3))
        return;
    fail_msg("%.17g where %.17g was expected", given, expected);
}

/* -- against SciPy -- */

static void test_one_sample(void **state)
{
    static const double levels[] = {0.95, 0.96, 0.998};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(one_samples); i++) {
        const struct one_sample *known = &one_samples[i];
        double sorted[64], low, high;
        memcpy(sorted, known->values, sizeof sorted);
        tc_sort(sorted, known->count);
        near(tc_median(known->values, known->count), known->median);
        near(tc_mean(known->values, known->count), known->mean);
        near(tc_stddev(known->values, known->count), known->stddev);
        for (size_t d = 0; d < 9; d++)
            near(tc_quantile_sorted(sorted, known->count, (double)(d + 1) / 10), known->deciles[d]);
        for (size_t l = 0; l < 3; l++) {
            tc_median_ci(known->values, known->count, levels[l], &low, &high);
            near(low, known->intervals[l][0]);
            near(high, known->intervals[l][1]);
        }
    }
}

static void test_outliers(void **state)
{
    uint64_t seen[4] = {0};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(one_samples); i++) {
        const struct one_sample *known = &one_samples[i];
        struct tc_outliers found = tc_classify_outliers(known->values, known->count);
        const uint64_t kinds[] = {found.low_severe, found.low_mild, found.high_mild,
                                  found.high_severe};
        for (size_t k = 0; k < 4; k++) {
            assert_int_equal(kinds[k], known->outliers[k]);
            seen[k] += kinds[k];
        }
    }
    for (size_t k = 0; k < 4; k++)
        assert_true(seen[k] > 0); /* or the table would show nothing */
}

static void test_two_samples(void **state)
{
    static const double levels[] = {0.95, 0.99};
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(two_samples); i++) {
        const struct two_samples *known = &two_samples[i];
        double shift, low, high;
        near(tc_mann_whitney(known->a, known->na, known->b, known->nb), known->p);
        near(tc_mann_whitney(known->b, known->nb, known->a, known->na), known->p);
        for (size_t l = 0; l < 2; l++) {
            tc_shift_ci(known->a, known->na, known->b, known->nb, levels[l], &shift, &low, &high);
            near(shift, known->shift);
            near(low, known->intervals[l][0]);
            near(high, known->intervals[l][1]);
        }
        tc_shift_ci(known->b, known->nb, known->a, known->na, 0.95, &shift, &low, &high);
        near(shift, -known->shift);
        near(low, -known->intervals[0][1]);
        near(high, -known->intervals[0][0]);
    }
}

static void test_signs(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(sign_tests); i++) {
        near(tc_sign_test(sign_tests[i].below, sign_tests[i].above), sign_tests[i].p);
        near(tc_sign_test(sign_tests[i].above, sign_tests[i].below), sign_tests[i].p);
    }
}

static void test_holm(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(holm_tests); i++) {
        double p[16];
        memcpy(p, holm_tests[i].p, sizeof p);
        tc_holm(p, holm_tests[i].count);
        for (size_t j = 0; j < holm_tests[i].count; j++)
            near(p[j], holm_tests[i].adjusted[j]);
    }
}

/* -- the edges -- */

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

static void test_arguments_stay_as_they_were(void **state)
{
    static const double before[] = {3, 1, 2, 9, 7, 8, 4};
    double v[7], low, high;
    (void)state;
    memcpy(v, before, sizeof v);
    tc_median(v, 7);
    tc_median_ci(v, 7, 0.95, &low, &high);
    tc_classify_outliers(v, 7);
    tc_mann_whitney(v, 4, v + 4, 3);
    assert_memory_equal(v, before, sizeof v);
}

static void test_undefined_is_nan(void **state)
{
    static const double v[] = {5, 6, 7, 8, 9, 10};
    double shift = 0, low = 0, high = 0;
    (void)state;
    assert_true(isnan(tc_median(NULL, 0)));
    assert_true(isnan(tc_mean(NULL, 0)));
    assert_true(isnan(tc_quantile_sorted(NULL, 0, 0.5)));
    assert_true(isnan(tc_stddev(v, 1)));
    near(tc_median(v, 1), 5);
    for (size_t count = 0; count <= 5; count++) {
        tc_median_ci(v, count, 0.95, &low, &high);
        assert_true(isnan(low) && isnan(high));
    }
    tc_median_ci(v, 6, 0.95, &low, &high);
    assert_true(low == 5 && high == 10);
    tc_median_ci(v, 6, 0, &low, &high); /* which asks for nothing */
    assert_true(low == 7 && high == 8);
    assert_true(isnan(tc_mann_whitney(v, 0, v, 3)) && isnan(tc_mann_whitney(v, 3, v, 0)));
    tc_shift_ci(v, 3, NULL, 0, 0.95, &shift, &low, &high);
    assert_true(isnan(shift) && isnan(low) && isnan(high));
    near(tc_sign_test(0, 0), 1);
    tc_holm(NULL, 0);
}

static void test_equal_values_are_no_difference(void **state)
{
    static const double a[] = {5, 5, 5, 5, 5}, b[] = {5, 5, 5, 5};
    double shift, low, high;
    (void)state;
    near(tc_mann_whitney(a, 5, b, 4), 1);
    tc_shift_ci(a, 5, b, 4, 0.95, &shift, &low, &high);
    assert_true(shift == 0 && low == 0 && high == 0);
    assert_int_equal(tc_classify_outliers(a, 5).high_severe, 0);
}

/* -- values that resemble their neighbours -- */

static double normal_of(struct tc_rng *rng)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += (double)(tc_rng_next(rng) >> 11) * 0x1p-53;
    return sum;
}

/* How often intervals hold the median 0 of 20 values with lag-1 autocorrelation `r`. */
static double held(double r, bool in_time)
{
    enum { COUNT = 20, DRAWS = 4000 };
    double values[COUNT], low, high, now = 0;
    struct tc_rng rng;
    size_t count = 0;
    tc_rng_seed(&rng, 99);
    for (size_t d = 0; d < DRAWS; d++) {
        for (size_t i = 0; i < COUNT; i++) {
            now = i ? r * now + sqrt(1 - r * r) * normal_of(&rng) : normal_of(&rng);
            values[i] = now;
        }
        if (in_time)
            tc_median_ci_in_time(values, COUNT, 0.95, &low, &high);
        else
            tc_median_ci(values, COUNT, 0.95, &low, &high);
        count += low <= 0 && 0 <= high;
    }
    return (double)count / DRAWS;
}

static void test_drift_widens(void **state)
{
    (void)state;
    assert_true(held(0, true) >= 0.95);
    assert_true(held(0.6, false) < 0.8); /* what it is there for */
    assert_true(held(0.6, true) >= 0.9);
}

static void test_autocorrelation(void **state)
{
    double rising[30], turning[30], same[30], low, high, own_low, own_high;
    (void)state;
    for (size_t i = 0; i < 30; i++) {
        rising[i] = (double)i;
        turning[i] = i % 2 ? 1 : -1;
        same[i] = 5;
    }
    near(tc_autocorrelation(rising, 30), 0.9);
    near(tc_autocorrelation(turning, 30), 0);
    near(tc_autocorrelation(same, 30), 0);
    near(tc_autocorrelation(rising, 1), 0);
    /* Without any it is the same interval; with all of it everything, and never more than there is.
     */
    tc_median_ci(turning, 30, 0.95, &own_low, &own_high);
    tc_median_ci_in_time(turning, 30, 0.95, &low, &high);
    assert_true(low == own_low && high == own_high);
    tc_median_ci_in_time(rising, 30, 0.95, &low, &high);
    assert_true(low == 0 && high == 29);
    tc_median_ci_in_time(rising, 5, 0.95, &low, &high);
    assert_true(isnan(low) && isnan(high));
    tc_median_ci_in_time(rising, 6, 0.95, &low, &high);
    assert_true(low == 0 && high == 5);
}

/* Large counts underflow or overflow where a formula is careless. */
static void test_many_values(void **state)
{
    enum { COUNT = 30000 };
    static double v[COUNT];
    double low, high;
    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        v[i] = (double)i;
    /* python3 -c 'from scipy.stats import binom; print(binom.ppf(0.025, 30000, 0.5))': 14830 */
    tc_median_ci(v, COUNT, 0.95, &low, &high);
    assert_true(low == 14829 && high == 15170);
    near(tc_sign_test(15000, 15000), 1);
    assert_true(tc_mann_whitney(v, COUNT / 2, v + COUNT / 2, COUNT / 2) < 1e-300);
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

/* -- what is promised, over many samples -- */

enum { TRIALS = 4000 };

/* Whether so many of the trials are what an event of at least this probability gives: three
 * standard deviations fewer are chance. */
static bool is_at_least(int count, double probability)
{
    double expected = TRIALS * probability;
    return count >= expected - 3 * sqrt(expected * (1 - probability));
}

static double uniform(struct tc_rng *rng)
{
    return ((double)tc_rng_below(rng, 1U << 30) + 0.5) / (1U << 30);
}

/* Distributions with their medians: long-tailed, and two speeds far apart as on the reference
 * machine, six in ten rounds at the faster. */
static double skewed(struct tc_rng *rng)
{
    return -log(uniform(rng));
}

static double two_speeds(struct tc_rng *rng)
{
    return uniform(rng) < 0.6 ? 0.8 + 0.1 * uniform(rng) : 1.4 + 0.1 * uniform(rng);
}

static const struct {
    double (*draw)(struct tc_rng *rng);
    double median;
} shapes[] = {{skewed, 0.69314718055994531}, {two_speeds, 0.8 + 0.1 * 0.5 / 0.6}};

static void draw(struct tc_rng *rng, size_t shape, double *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = shapes[shape].draw(rng);
}

static void test_median_intervals_cover_the_truth(void **state)
{
    static const double levels[] = {0.9, 0.95, 0.99};
    double values[20], low, high;
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 3);
    for (size_t shape = 0; shape < TC_COUNT_OF(shapes); shape++)
        for (size_t l = 0; l < TC_COUNT_OF(levels); l++)
            for (size_t count = 8; count <= 20; count += 6) {
                int covered = 0;
                for (int trial = 0; trial < TRIALS; trial++) {
                    draw(&rng, shape, values, count);
                    tc_median_ci(values, count, levels[l], &low, &high);
                    covered += low <= shapes[shape].median && shapes[shape].median <= high;
                }
                assert_true(is_at_least(covered, levels[l]));
                assert_true(covered < TRIALS); /* an interval of everything would be none */
            }
}

static void test_shift_intervals_cover_the_truth(void **state)
{
    enum { NA = 9, NB = 12 };
    double a[NA], b[NB], shift, low, high;
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 4);
    for (size_t shape = 0; shape < TC_COUNT_OF(shapes); shape++) {
        int covered = 0, called = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            draw(&rng, shape, a, NA);
            draw(&rng, shape, b, NB);
            called += tc_mann_whitney(a, NA, b, NB) < TC_ALPHA;
            for (size_t i = 0; i < NB; i++)
                b[i] += 0.25;
            tc_shift_ci(a, NA, b, NB, 0.95, &shift, &low, &high);
            covered += low <= 0.25 && 0.25 <= high;
        }
        assert_true(is_at_least(covered, 0.95) && covered < TRIALS);
        assert_true(is_at_least(TRIALS - called, 0.95) && called > 0);
    }
}

/* A table of twenty comparisons that do not differ: one false alarm in at most 5 % of tables. */
static void test_holm_keeps_false_alarms_down(void **state)
{
    enum { ROWS = 20, PAIRS = 15 };
    int alarms = 0, bare = 0;
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 5);
    for (int trial = 0; trial < TRIALS; trial++) {
        double p[ROWS], least = 1;
        for (size_t row = 0; row < ROWS; row++) {
            uint64_t above = 0;
            for (int pair = 0; pair < PAIRS; pair++)
                above += skewed(&rng) > skewed(&rng);
            p[row] = tc_sign_test(PAIRS - above, above);
            least = fmin(least, p[row]);
        }
        tc_holm(p, ROWS);
        bare += least < TC_ALPHA;
        for (size_t row = 0; row < ROWS; row++)
            if (p[row] < TC_ALPHA) {
                alarms++;
                break;
            }
    }
    assert_true(is_at_least(TRIALS - alarms, 0.95) && alarms > 0);
    assert_true(bare > TRIALS / 3); /* and without the correction there are many */
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_one_sample),
    cmocka_unit_test(test_outliers),
    cmocka_unit_test(test_two_samples),
    cmocka_unit_test(test_signs),
    cmocka_unit_test(test_holm),
    cmocka_unit_test(test_deviation_of_large_values),
    cmocka_unit_test(test_arguments_stay_as_they_were),
    cmocka_unit_test(test_undefined_is_nan),
    cmocka_unit_test(test_equal_values_are_no_difference),
    cmocka_unit_test(test_drift_widens),
    cmocka_unit_test(test_autocorrelation),
    cmocka_unit_test(test_many_values),
    cmocka_unit_test(test_percentiles_need_samples),
    cmocka_unit_test(test_median_intervals_cover_the_truth),
    cmocka_unit_test(test_shift_intervals_cover_the_truth),
    cmocka_unit_test(test_holm_keeps_false_alarms_down),
};
TEST_MAIN(tests)
