/* SPDX-License-Identifier: MIT
 *
 * All rows of a comparison judged together.
 */
#include "compared.h"

#include "base/rng.h"

enum { ROWS = 9, TOGETHER_ROUNDS = 12 };

/* ROWS cells whose rounds spread by `spread` at random; `factors` of each cell, or NULL for 1. */
static void add_many(struct tc_results *to, uint64_t seed, double spread, const double *factors)
{
    struct tc_rng rng;
    char name[16];
    tc_rng_seed(&rng, seed);
    for (uint64_t i = 0; i < ROWS; i++) {
        snprintf(name, sizeof name, "cell-%d", (int)i);
        struct tc_cell cell = made_cell(name, "async");
        for (uint64_t block = 0; block < TOGETHER_ROUNDS; block++) {
            double off = (double)tc_rng_below(&rng, 2001) / 1000 - 1;
            made_round(to, &cell, block, "switch", "ns",
                       100 * (factors ? factors[i] : 1) * (1 + spread * off), NAN);
        }
    }
}

/* The same factor for all. */
static void add_all(struct tc_results *to, uint64_t seed, double spread, double factor)
{
    double factors[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        factors[i] = factor;
    add_many(to, seed, spread, factors);
}

/* A change that no row shows by itself. */
static void test_together_shows_what_no_row_does(void **state)
{
    (void)state;
    add_all(base, 51, 0.2, 1);
    add_all(new, 52, 0.2, 1.09);
    compare();
    assert_int_equal(comparison.changes[TC_WORSE], 0);
    assert_int_equal(comparison.together.rows, ROWS);
    assert_int_equal(comparison.together.change, TC_WORSE);
    near(comparison.together.ratio, 1.09, 0.035);
    assert_true(comparison.together.low > 1 && comparison.together.p < 0.05);
}

static void test_together_nothing_changed(void **state)
{
    (void)state;
    add_all(base, 3, 0.02, 1);
    add_all(new, 4, 0.02, 1);
    compare();
    assert_int_equal(comparison.together.change, TC_SAME);
    near(comparison.together.ratio, 1, 0.01);
}

/* Half of the rows up, half of them down: the rows say so, and together they are no change. */
static void test_together_is_a_mean(void **state)
{
    (void)state;
    const double factors[ROWS] = {1.2, 1 / 1.2, 1.2, 1 / 1.2, 1.2, 1 / 1.2, 1.2, 1 / 1.2, 1};
    add_all(base, 5, 0.02, 1);
    add_many(new, 6, 0.02, factors);
    compare();
    assert_int_equal(comparison.changes[TC_WORSE], 4);
    assert_int_equal(comparison.changes[TC_BETTER], 4);
    near(comparison.together.ratio, 1, 0.05);
}

/* A large change is not cut down to the spread. */
static void test_together_of_a_large_change(void **state)
{
    (void)state;
    add_all(base, 7, 0.02, 1);
    add_all(new, 8, 0.02, 2);
    compare();
    near(comparison.together.ratio, 2, 0.05);
    assert_int_equal(comparison.together.change, TC_WORSE);
}

static void test_together_takes_two(void **state)
{
    (void)state;
    add_rounds(base, "async", "switch", "ns", 100, 12);
    add_rounds(new, "async", "switch", "ns", 110, 12);
    compare();
    assert_int_equal(comparison.together.rows, 1);
    assert_int_equal(comparison.together.change, TC_UNCLEAR);
    assert_true(isnan(comparison.together.ratio) && isnan(comparison.together.p));
}

static const struct CMUnitTest tests[] = {
    CASE(test_together_shows_what_no_row_does),
    CASE(test_together_nothing_changed),
    CASE(test_together_is_a_mean),
    CASE(test_together_of_a_large_change),
    CASE(test_together_takes_two),
};
TEST_MAIN(tests)
