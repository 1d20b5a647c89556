/* SPDX-License-Identifier: MIT
 *
 * What is compared with what, what can't be compared, and what differs around two results.
 */
#include "compared.h"

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

static const struct CMUnitTest tests[] = {
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
};
TEST_MAIN(tests)
