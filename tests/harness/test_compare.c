/* SPDX-License-Identifier: MIT
 *
 * Comparing two results, row by row: verdicts, directions, and what speed explains.
 */
#include "compared.h"

static void test_worse(void **state)
{
    (void)state;
    add_rounds(base, "async", "switch", "ns", 100, 12);
    add_rounds(new, "async", "switch", "ns", 110, 12);
    compare();
    assert_int_equal(only_row()->change, TC_WORSE);
    near(only_row()->ratio, 1.1, 0.005);
    assert_true(only_row()->low > 1.02 && only_row()->low <= only_row()->ratio);
    assert_true(only_row()->high >= only_row()->ratio && only_row()->p < 0.001);
    near(only_row()->raw_ratio, 1.1, 0.005);
    assert_false(only_row()->adjusted);
}

static void test_better(void **state)
{
    (void)state;
    add_rounds(base, "async", "switch", "ns", 110, 12);
    add_rounds(new, "async", "switch", "ns", 100, 12);
    compare();
    assert_int_equal(only_row()->change, TC_BETTER);
}

/* More operations a second are better, and the ratio is still new : base. */
static void test_more_is_better(void **state)
{
    (void)state;
    add_rounds(base, "async", "throughput", "operations/s", 1000, 12);
    add_rounds(new, "async", "throughput", "operations/s", 1200, 12);
    compare();
    assert_int_equal(only_row()->change, TC_BETTER);
    near(only_row()->ratio, 1.2, 0.01);
    assert_true(only_row()->low <= only_row()->ratio && only_row()->ratio <= only_row()->high);
}

static void test_same(void **state)
{
    (void)state;
    add_rounds(base, "async", "switch", "ns", 100, 12);
    add_rounds(new, "async", "switch", "ns", 100.1, 12);
    compare();
    assert_int_equal(only_row()->change, TC_SAME);
}

/* Shown beyond doubt, but no more than the least effect. */
static void test_a_small_change_is_none(void **state)
{
    (void)state;
    add_rounds(base, "async", "switch", "ns", 100, 30);
    add_rounds(new, "async", "switch", "ns", 101.5, 30);
    compare();
    assert_int_not_equal(only_row()->change, TC_WORSE);
    near(only_row()->p, 1, 0);
}

static void test_three_rounds_tell_nothing(void **state)
{
    (void)state;
    add_rounds(base, "async", "switch", "ns", 100, 3);
    add_rounds(new, "async", "switch", "ns", 150, 3);
    compare();
    assert_int_equal(only_row()->change, TC_UNCLEAR);
    assert_non_null(strstr(only_row()->reason, "too few rounds"));
    assert_true(isnan(only_row()->low));
}

static void test_zeros(void **state)
{
    (void)state;
    add_rounds(base, "async", "memory_slab", "B", 0, 8);
    add_rounds(new, "async", "memory_slab", "B", 0, 8);
    add_rounds(base, "floor", "memory_slab", "B", 0, 8);
    add_rounds(new, "floor", "memory_slab", "B", 5, 8);
    compare();
    assert_int_equal(comparison.count, 2);
    assert_int_equal(comparison.changes[TC_SAME], 1);
    assert_int_equal(comparison.changes[TC_NOT_COMPARABLE], 1);
}

/* -- the speed of the machine -- */

/* Every third round on a shared core: costs 1.5-fold, the probe 1.7-fold; and a clock. */
static void add_two_speeds(struct tc_results *to, double value, uint64_t first, uint64_t rounds,
                           uint64_t every)
{
    struct tc_cell cell = made_cell("switch-pipe", "async");
    for (uint64_t i = first; i < first + rounds; i++) {
        bool slow = i % every == 0;
        double clock = 1 + 0.01 * (double)(i * 5 % 7);
        made_round(to, &cell, i, "switch", "ns",
                   value * clock * (slow ? 1.5 : 1) * (1 + 0.001 * (double)(i * 3 % 5)),
                   0.8 * clock * (slow ? 1.7 : 1));
    }
}

static void test_speed_explains(void **state)
{
    (void)state;
    add_two_speeds(base, 100, 0, 15, 5); /* a fifth of the rounds are slow */
    add_two_speeds(new, 100, 0, 15, 2);  /* half of them */
    compare();
    assert_int_equal(only_row()->change, TC_SAME);
    assert_true(only_row()->adjusted);
    near(only_row()->ratio, 1, 0.005);
    assert_true(only_row()->raw_ratio > 1.02);
}

static void test_speed_hides_nothing(void **state)
{
    (void)state;
    add_two_speeds(base, 100, 0, 15, 2);
    add_two_speeds(new, 105, 0, 15, 5);
    compare();
    assert_int_equal(only_row()->change, TC_WORSE);
    near(only_row()->ratio, 1.05, 0.005);
    assert_true(only_row()->raw_ratio < 1.02);
}

/* Each file at one speed of its own: whether the program or the machine changed can't be known. */
static void test_confounded(void **state)
{
    (void)state;
    add_two_speeds(base, 100, 1, 14, 1000);
    add_two_speeds(new, 100, 1, 14, 1);
    compare();
    assert_int_equal(only_row()->change, TC_UNCLEAR);
    assert_non_null(strstr(only_row()->reason, "another speed"));
}

/* Bytes have no speed. */
static void test_memory_is_not_adjusted(void **state)
{
    struct tc_cell cell = made_cell("memory-idle", "async");
    (void)state;
    for (uint64_t i = 0; i < 10; i++) {
        made_round(base, &cell, i, "memory_total", "B", 100, i % 2 ? 0.8 : 1.4);
        made_round(new, &cell, i, "memory_total", "B", 120, i % 3 ? 0.8 : 1.4);
    }
    compare();
    assert_int_equal(only_row()->change, TC_WORSE);
    assert_false(only_row()->adjusted);
}

static const struct CMUnitTest tests[] = {
    CASE(test_worse),
    CASE(test_better),
    CASE(test_more_is_better),
    CASE(test_same),
    CASE(test_a_small_change_is_none),
    CASE(test_three_rounds_tell_nothing),
    CASE(test_zeros),
    CASE(test_speed_explains),
    CASE(test_speed_hides_nothing),
    CASE(test_confounded),
    CASE(test_memory_is_not_adjusted),
};
TEST_MAIN(tests)
