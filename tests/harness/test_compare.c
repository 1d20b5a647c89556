/* SPDX-License-Identifier: MIT
 *
 * Comparing two results: verdicts, directions, what can't be compared, and what differs around
 * them.
 */
#include "made_results.h"

#include "base/rng.h"
#include "harness/compare.h"

#include <string.h>

static struct tc_results *base, *new;
static struct tc_comparison comparison;

static int set_up(void **state)
{
    (void)state;
    base = made_results("here");
    new = made_results("here");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tc_comparison_clear(&comparison);
    tc_results_free(base);
    tc_results_free(new);
    return 0;
}

/* Rounds that spread a little and evenly about `value`. */
static void add_rounds(struct tc_results *to, const char *model, const char *metric,
                       const char *unit, double value, uint64_t rounds)
{
    struct tc_cell cell = made_cell("switch-pipe", model);
    for (uint64_t i = 0; i < rounds; i++)
        made_round(to, &cell, i, metric, unit, value * (1 + 0.002 * (double)(i * 7 % 11)), NAN);
}

static void compare(void)
{
    struct tc_compare_rules rules = {.min_effect = 0.02, .alpha = 0.05};
    tc_results_summarise(base);
    tc_results_summarise(new);
    tc_compare(&comparison, base, new, &rules);
}

static const struct tc_compared *only_row(void)
{
    assert_int_equal(comparison.count, 1);
    return &comparison.rows[0];
}

static void near(double given, double expected, double within)
{
    if (!(fabs(given - expected) <= within))
        fail_msg("%g where %g was expected", given, expected);
}

/* -- verdicts -- */

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

/* -- what is compared with what -- */

static void test_failed_is_not_comparable(void **state)
{
    struct tc_cell cell = made_cell("switch-pipe", "async");
    (void)state;
    add_rounds(base, "async", "switch", "ns", 100, 8);
    tc_results_add_failure(new, &cell, TC_FAILED, "ended by signal 11");
    compare();
    assert_int_equal(only_row()->change, TC_NOT_COMPARABLE);
    assert_string_equal(only_row()->reason, "new: failed: ended by signal 11");
    assert_int_equal(comparison.only_base_count + comparison.only_new_count, 0);
    tc_comparison_clear(&comparison);
    struct tc_results *swapped = base;
    base = new, new = swapped;
    compare();
    assert_string_equal(only_row()->reason, "base: failed: ended by signal 11");
    assert_int_equal(comparison.only_base_count + comparison.only_new_count, 0);
}

static void test_quality(void **state)
{
    (void)state;
    add_rounds(base, "async", "switch", "ns", 100, 12);
    add_rounds(new, "async", "switch", "ns", 110, 12);
    tc_results_summarise(base);
    tc_results_summarise(new);
    base->measurements[0].quality.verdict = TC_NOISY;
    tc_words_clear(&base->measurements[0].quality.reasons);
    tc_words_add(&base->measurements[0].quality.reasons, "a wide interval");
    compare();
    assert_int_equal(only_row()->change, TC_WORSE);
    assert_string_equal(only_row()->reason, "noisy: a wide interval");
    tc_comparison_clear(&comparison);
    base->measurements[0].quality.verdict = TC_INVALID;
    compare();
    assert_int_equal(only_row()->change, TC_NOT_COMPARABLE);
    assert_string_equal(only_row()->reason, "base: invalid: a wide interval");
}

static void test_counters_only_when_asked_for(void **state)
{
    struct tc_compare_rules rules = {.min_effect = 0.02, .alpha = 0.05};
    (void)state;
    add_rounds(base, "async", "page_faults", "1/operation", 2, 8);
    add_rounds(new, "async", "page_faults", "1/operation", 3, 8);
    compare();
    assert_int_equal(comparison.count, 0);
    tc_comparison_clear(&comparison);
    tc_words_add(&rules.metrics, "page_faults");
    tc_compare(&comparison, base, new, &rules);
    assert_int_equal(only_row()->change, TC_WORSE);
    tc_words_clear(&rules.metrics);
}

static void test_cells_of_one_file(void **state)
{
    (void)state;
    add_rounds(base, "async", "switch", "ns", 100, 8);
    add_rounds(new, "async", "switch", "ns", 100, 8);
    add_rounds(base, "floor", "switch", "ns", 50, 8);
    add_rounds(new, "threads", "switch", "ns", 50, 8);
    compare();
    assert_int_equal(comparison.count, 1);
    assert_int_equal(comparison.only_base_count, 1);
    assert_string_equal(comparison.only_base[0]->cell.model, "floor");
    assert_int_equal(comparison.only_new_count, 1);
    assert_string_equal(comparison.only_new[0]->cell.model, "threads");
}

static void test_other_parameters(void **state)
{
    (void)state;
    add_rounds(base, "async", "switch", "ns", 100, 8);
    add_rounds(new, "async", "switch", "ns", 100, 8);
    tc_cell_set_param(&base->measurements[0].cell, "driver", "task");
    tc_cell_set_param(&new->measurements[0].cell, "driver", "main-thread");
    base->measurements[0].cell.params[0].reported = true;
    new->measurements[0].cell.params[0].reported = true;
    compare();
    assert_int_equal(only_row()->change, TC_NOT_COMPARABLE);
    assert_non_null(strstr(only_row()->reason, "driver is task and main-thread"));
}

/* What no file could measure is no row. */
static void test_skipped_in_both(void **state)
{
    struct tc_cell cell = made_cell("switch-pipe", "async");
    (void)state;
    tc_results_add_failure(base, &cell, TC_SKIPPED, "it cannot");
    tc_results_add_failure(new, &cell, TC_SKIPPED, "it cannot");
    compare();
    assert_int_equal(comparison.count, 0);
}

/* -- rounds of a rerun -- */

static void test_rounds_move(void **state)
{
    (void)state;
    add_rounds(base, "async", "switch", "ns", 100, 8);
    add_rounds(base, "floor", "switch", "ns", 50, 8);
    add_rounds(new, "async", "switch", "ns", 200, 10);
    tc_results_take_rounds(base, new);
    tc_results_summarise(base);
    assert_int_equal(base->measurements[0].round_count, 18);
    assert_int_equal(base->measurements[0].rounds[8].block, 8);
    assert_int_equal(base->measurements[0].rounds[17].block, 17);
    assert_int_equal(base->measurements[0].summary.rounds, 18);
    assert_true(base->measurements[0].summary.median > 150);
    assert_int_equal(base->measurements[1].round_count, 8);
    assert_int_equal(new->measurements[0].round_count, 0);
}

static void test_a_failure_moves_too(void **state)
{
    struct tc_cell cell = made_cell("switch-pipe", "async");
    (void)state;
    add_rounds(base, "async", "switch", "ns", 100, 8);
    tc_results_add_failure(new, &cell, TC_FAILED, "a wrong answer");
    tc_results_take_rounds(base, new);
    assert_int_equal(base->measurements[0].status, TC_FAILED);
    assert_string_equal(base->measurements[0].reason, "a wrong answer");
}

/* -- machines -- */

static void set_host(struct tc_results *results, const char *host)
{
    tcj_set(results->environment, "host", tcj_string(host));
}

/* The other machine is twice as slow; async has got slower against the floor too. */
static void test_other_machine(void **state)
{
    (void)state;
    add_rounds(base, "async", "switch", "ns", 100, 12);
    add_rounds(base, "floor", "switch", "ns", 50, 12);
    add_rounds(new, "async", "switch", "ns", 250, 12);
    add_rounds(new, "floor", "switch", "ns", 100, 12);
    set_host(new, "there");
    compare();
    assert_false(comparison.differences.same_machine);
    assert_int_equal(comparison.count, 3);
    assert_int_equal(comparison.changes[TC_NOT_JUDGED], 2);
    const struct tc_compared *row = &comparison.rows[2];
    assert_string_equal(row->base->cell.model, "async");
    assert_string_equal(row->base_under->cell.model, "floor");
    near(row->base_value, 2, 1e-9);
    near(row->new_value, 2.5, 1e-9);
    near(row->ratio, 1.25, 1e-9);
    assert_int_equal(row->change, TC_WORSE);
}

/* An unknown machine may be another one. */
static void test_unknown_machine(void **state)
{
    (void)state;
    tcj_set(base->environment, "cpu", tcj_null());
    tcj_set(new->environment, "cpu", tcj_null());
    compare();
    assert_false(comparison.differences.same_machine);
}

static const struct tc_difference *difference(const char *name)
{
    for (size_t i = 0; i < comparison.differences.count; i++)
        if (strcmp(comparison.differences.items[i].name, name) == 0)
            return &comparison.differences.items[i];
    return NULL;
}

static void set_cpu(struct tc_results *results, const char *key, tc_json *value)
{
    tcj_set(tcj_get(results->environment, "cpu"), key, value);
}

static void test_differences(void **state)
{
    tc_json *absent = tcj_object(), *forbidden = tcj_object();
    (void)state;
    tcj_set(absent, "absent", tcj_bool(true));
    tcj_set(forbidden, "not_permitted", tcj_bool(true));
    set_cpu(base, "governor", absent);
    set_cpu(new, "governor", tcj_string("performance"));
    set_cpu(base, "turbo", tcj_integer(1));
    set_cpu(new, "turbo", forbidden);
    set_cpu(new, "isolated", tcj_string("1-3")); /* the base does not tell */
    set_cpu(base, "steal_share", tcj_number(0.1));
    set_cpu(new, "steal_share", tcj_number(0.2)); /* never the same */
    base->commit = strdup("abc");
    new->commit = strdup("def");
    compare();
    assert_true(comparison.differences.same_machine);
    assert_int_equal(comparison.differences.count, 3);
    assert_string_equal(difference("environment.cpu.governor")->base, "absent");
    assert_string_equal(difference("environment.cpu.governor")->new, "performance");
    assert_string_equal(difference("environment.cpu.turbo")->base, "1");
    assert_string_equal(difference("environment.cpu.turbo")->new, "not permitted");
    assert_string_equal(difference("run.commit")->new, "def");
}

/* -- all rows together -- */

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

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
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
    CASE(test_failed_is_not_comparable),
    CASE(test_quality),
    CASE(test_counters_only_when_asked_for),
    CASE(test_cells_of_one_file),
    CASE(test_other_parameters),
    CASE(test_skipped_in_both),
    CASE(test_rounds_move),
    CASE(test_a_failure_moves_too),
    CASE(test_other_machine),
    CASE(test_unknown_machine),
    CASE(test_differences),
    CASE(test_together_shows_what_no_row_does),
    CASE(test_together_nothing_changed),
    CASE(test_together_is_a_mean),
    CASE(test_together_of_a_large_change),
    CASE(test_together_takes_two),
};
TEST_MAIN(tests)
