/* SPDX-License-Identifier: MIT
 *
 * Pairing rounds by block: which go together, what is told of them and when it is undefined, and
 * that a machine with two speeds does not hide a difference that every block shows.
 */
#include "make_rounds.h"

#include "base/rng.h"
#include "base/status.h"
#include "harness/pairs.h"

#include <math.h>

/* Pairs two models of a document and frees it. */
static struct tc_pairing pair_of(struct tc_results *results, const char *over, const char *under,
                                 bool expected)
{
    struct tc_pairing pairing;
    bool any = tc_pair(rounds_of(results, over), rounds_of(results, under), &pairing);
    assert_int_equal(any, expected);
    tc_results_free(results);
    return pairing;
}

/* By hand: ratios 1.2 1.1 1.3 0.9 1.25 1.5 and differences 20 10 30 -10 25 50,
 * so medians 1.225 and 22.5, intervals from the smallest to the largest of six, and one of six
 * signs the other way: p = 2 * (1 + 6) / 64. */
static void test_figures_by_hand(void **state)
{
    static const double over[] = {120, 110, 130, 90, 125, 150};
    static const double under[] = {100, 100, 100, 100, 100, 100};
    struct tc_results *results = tc_results_new();
    (void)state;
    add_rounds(results, "threads", over, 6);
    add_rounds(results, "floor", under, 6);
    struct tc_pairing p = pair_of(results, "threads", "floor", true);
    assert_int_equal(p.pairs, 6);
    assert_true(fabs(p.ratio - 1.225) < 1e-12);
    assert_true(p.ratio_low == 0.9 && p.ratio_high == 1.5);
    assert_true(p.difference == 22.5);
    assert_true(p.difference_low == -10 && p.difference_high == 50); /* never clipped at zero */
    assert_true(fabs(p.p - 14.0 / 64) < 1e-12);
    assert_false(p.one_sided);
}

static void test_rounds_are_matched_by_block(void **state)
{
    struct tc_results *results = tc_results_new();
    (void)state;
    add_round(results, "threads", 7, 70); /* measured in another order */
    add_round(results, "threads", 3, 30);
    add_round(results, "threads", 4, 1e6); /* no partner */
    add_round(results, "threads", 9, 90);
    add_round(results, "async", 3, 3);
    add_round(results, "async", 7, 7);
    add_round(results, "async", 8, 1e-6);
    add_round(results, "async", 9, 9);
    add_round(results, "threads", 5, 1e6);
    add_round(results, "async", 5, 1); /* a round that gave no figure */
    rounds_of(results, "async")->rounds[4].median = NAN;
    struct tc_pairing p = pair_of(results, "threads", "async", true);
    assert_int_equal(p.pairs, 3);
    assert_true(p.ratio == 10 && p.one_sided);
    assert_true(isnan(p.ratio_low) && isnan(p.difference_high)); /* too few for an interval */
    assert_true(p.p == 0.25);
}

static void test_no_common_block_is_no_pair(void **state)
{
    struct tc_results *results = tc_results_new();
    (void)state;
    add_round(results, "threads", 0, 5);
    add_round(results, "async", 1, 5);
    struct tc_pairing p = pair_of(results, "threads", "async", false);
    assert_true(p.pairs == 0 && isnan(p.ratio) && isnan(p.difference) && isnan(p.p));
    assert_false(p.one_sided);
}

/* Counters are 0 in some rounds: there is a difference, but no ratio. */
static void test_a_ratio_to_zero_is_undefined(void **state)
{
    static const double over[] = {1, 2, 0, 3, 1, 0, 2}, under[] = {0, 1, 0, 1, 1, 0, 1};
    struct tc_results *results = tc_results_new();
    (void)state;
    add_rounds(results, "threads", over, 7);
    add_rounds(results, "async", under, 7);
    struct tc_pairing p = pair_of(results, "threads", "async", true);
    assert_true(isnan(p.ratio) && isnan(p.ratio_low) && isnan(p.ratio_high));
    assert_true(p.difference == 1 && p.difference_low == 0 && p.difference_high == 2);
    assert_true(p.p == 0.125 && !p.one_sided); /* the three ties count on neither side */
}

/* The machine runs some blocks 1.5 times slower; one cell costs 5 % more in each. Each alone has an
 * interval as wide as the two speeds, together they show the 5 %. */
static void test_a_shared_speed_cancels_out(void **state)
{
    enum { BLOCKS = 20 };
    struct tc_results *results = tc_results_new();
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 8);
    for (uint64_t block = 0; block < BLOCKS; block++) {
        double speed = tc_rng_below(&rng, 2) ? 1 : 1.5;
        double noise = 0.98 + 0.04 * (double)tc_rng_below(&rng, 1000) / 1000;
        add_round(results, "async", block, 100 * speed);
        add_round(results, "threads", block, 105 * speed * noise);
    }
    tc_results_summarise(results);
    const struct tc_summary *alone = &rounds_of(results, "threads")->summary;
    assert_true(alone->ci_high / alone->ci_low > 1.3);
    struct tc_pairing p = pair_of(results, "threads", "async", true);
    assert_true(p.ratio_low > 1.03 && p.ratio_high < 1.07);
    assert_true(p.p < 0.001 && p.one_sided);
}

/* What the stopping rule spends of the error is missing from the comparison, too. */
static void test_a_look_costs_what_it_costs(void **state)
{
    static const double over[] = {12, 13, 14, 15, 16, 17, 18, 19, 20, 21},
                        under[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    struct tc_results *results = tc_results_new();
    struct tc_pairing plain, look;
    (void)state;
    add_rounds(results, "threads", over, 10);
    add_rounds(results, "floor", under, 10);
    assert_true(tc_pair(rounds_of(results, "threads"), rounds_of(results, "floor"), &plain));
    rounds_of(results, "floor")->level = 0.998; /* ended at a look, the other one did not */
    look = pair_of(results, "threads", "floor", true);
    assert_true(plain.ratio_low == 20.0 / 9 && plain.ratio_high == 13.0 / 2);
    assert_true(look.ratio_low == 21.0 / 10 && look.ratio_high == 12);
    assert_true(plain.p == 2.0 / 1024 && look.p == plain.p);
    /* scipy.stats.mannwhitneyu(range(12, 22), range(1, 11), method="exact").pvalue, twice */
    assert_true(fabs(plain.p_either - 2 * 1.082508822446903e-05) < 1e-15);
    assert_true(fabs(look.p_either - 25 * plain.p_either) < 1e-12);
}

/* Few rounds of a large ratio are told apart among many comparisons, as signs alone could not. */
static void test_ranks_tell_what_signs_can_not(void **state)
{
    static const double over[] = {60, 61, 62, 63, 64, 65}, under[] = {1.5, 1.1, 1.2, 1.3, 1.4, 1};
    struct tc_results *results = tc_results_new();
    (void)state;
    add_rounds(results, "threads", over, 6);
    add_rounds(results, "async", under, 6);
    struct tc_pairing p = pair_of(results, "threads", "async", true);
    assert_true(p.p == 2.0 / 64);
    assert_true(fabs(p.p_either - 2 * 2.0 / 924) < 1e-12); /* one of the ways to choose 6 of 12 */
}

/* Cells that do not differ, on a machine whose speed both share: one in twenty at most is called.
 */
static void test_equal_cells_are_rarely_told_apart(void **state)
{
    enum { TRIALS = 1000, BLOCKS = 10 };
    int called = 0;
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 9);
    for (int trial = 0; trial < TRIALS; trial++) {
        struct tc_results *results = tc_results_new();
        for (uint64_t block = 0; block < BLOCKS; block++) {
            double speed = tc_rng_below(&rng, 2) ? 1 : 1.5;
            add_round(results, "async", block, speed * (double)(100 + tc_rng_below(&rng, 20)));
            add_round(results, "threads", block, speed * (double)(100 + tc_rng_below(&rng, 20)));
        }
        called += pair_of(results, "threads", "async", true).p_either < TC_ALPHA;
    }
    assert_in_range(called, 1, TRIALS * 5 / 100);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_figures_by_hand),
    cmocka_unit_test(test_rounds_are_matched_by_block),
    cmocka_unit_test(test_no_common_block_is_no_pair),
    cmocka_unit_test(test_a_ratio_to_zero_is_undefined),
    cmocka_unit_test(test_a_shared_speed_cancels_out),
    cmocka_unit_test(test_a_look_costs_what_it_costs),
    cmocka_unit_test(test_ranks_tell_what_signs_can_not),
    cmocka_unit_test(test_equal_cells_are_rarely_told_apart),
};
TEST_MAIN(tests)
