/* SPDX-License-Identifier: MIT
 *
 * The histogram: its error bound over the whole range, exact merging, and quantiles against the
 * sorted values themselves.
 */
#include "test_main.h"

#include "base/rng.h"
#include "harness/hist.h"
#include "harness/stats.h"

#include <math.h>

static void test_every_bucket_holds_its_lowest_value(void **state)
{
    (void)state;
    for (size_t bucket = 0; bucket < TC_HIST_BUCKETS; bucket++) {
        uint64_t low = tc_hist_bucket_low(bucket);
        assert_int_equal(tc_hist_bucket_of(low), bucket);
        if (bucket > 0) {
            assert_true(low > tc_hist_bucket_low(bucket - 1));
            assert_int_equal(tc_hist_bucket_of(low - 1), bucket - 1);
        }
    }
    assert_int_equal(tc_hist_bucket_of(UINT64_MAX), TC_HIST_BUCKETS - 1);
}

static void test_buckets_keep_the_error_bound(void **state)
{
    (void)state;
    for (size_t bucket = 0; bucket + 1 < TC_HIST_BUCKETS; bucket++) {
        uint64_t low = tc_hist_bucket_low(bucket);
        uint64_t width = tc_hist_bucket_low(bucket + 1) - low;
        assert_true(width == 1 || width <= low >> (TC_HIST_BITS - 1));
    }
}

static void test_small_values_are_exact(void **state)
{
    struct tc_hist *hist = tc_hist_new();
    (void)state;
    for (uint64_t i = 1; i <= 100; i++)
        tc_hist_add(hist, i);
    assert_true(tc_hist_quantile(hist, 0) == 1);
    assert_true(tc_hist_quantile(hist, 0.07) == 7);
    assert_true(tc_hist_quantile(hist, 0.5) == 50);
    assert_true(tc_hist_quantile(hist, 0.9) == 90);
    assert_true(tc_hist_quantile(hist, 0.99) == 99);
    assert_true(tc_hist_quantile(hist, 1) == 100);
    tc_hist_free(hist);
}

static void test_empty_is_undefined(void **state)
{
    struct tc_hist *hist = tc_hist_new(), *other = tc_hist_new();
    (void)state;
    assert_true(isnan(tc_hist_quantile(hist, 0.5)));
    tc_hist_merge(hist, other);
    tc_hist_add_count(hist, 7, 0);
    assert_true(isnan(tc_hist_quantile(hist, 0.5)));
    tc_hist_add(other, 9);
    tc_hist_merge(hist, other);
    assert_true(hist->min == 9 && hist->max == 9 && hist->total == 1);
    tc_hist_free(hist);
    tc_hist_free(other);
}

/* Values over nine decades: the answer is within half a bucket of the true order statistic. */
static void test_quantiles_stay_within_the_bound(void **state)
{
    enum { COUNT = 20000 };
    static double values[COUNT];
    struct tc_hist *hist = tc_hist_new();
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 1);
    for (int i = 0; i < COUNT; i++) {
        uint64_t value = tc_rng_next(&rng) >> (30 + tc_rng_below(&rng, 30));
        tc_hist_add(hist, value);
        values[i] = (double)value;
    }
    tc_sort(values, COUNT);
    for (int percent = 1; percent <= 100; percent++) {
        double truth = values[COUNT * percent / 100 - 1];
        double given = tc_hist_quantile(hist, percent / 100.0);
        assert_true(fabs(given - truth) <= truth / (1 << TC_HIST_BITS));
    }
    tc_hist_free(hist);
}

static void test_merging_equals_adding_all(void **state)
{
    struct tc_hist *all = tc_hist_new(), *left = tc_hist_new(), *right = tc_hist_new();
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 2);
    for (int i = 0; i < 1000; i++) {
        uint64_t value = tc_rng_next(&rng) >> tc_rng_below(&rng, 64);
        tc_hist_add(all, value);
        tc_hist_add(i % 3 ? left : right, value);
    }
    tc_hist_merge(left, right);
    assert_memory_equal(left, all, sizeof *all);
    tc_hist_free(all);
    tc_hist_free(left);
    tc_hist_free(right);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_every_bucket_holds_its_lowest_value),
    cmocka_unit_test(test_buckets_keep_the_error_bound),
    cmocka_unit_test(test_small_values_are_exact),
    cmocka_unit_test(test_empty_is_undefined),
    cmocka_unit_test(test_quantiles_stay_within_the_bound),
    cmocka_unit_test(test_merging_equals_adding_all),
};
TEST_MAIN(tests)
