/* SPDX-License-Identifier: MIT
 *
 * From rounds to a summary: the interval and its level, outliers, histograms merged, and documents
 * of before there were levels.
 */
#include "make_rounds.h"

#include "base/status.h"
#include "harness/hist.h"

#include <math.h>

/* In an order in which neighbours are not alike. */
static const double medians[] = {11, 19, 12, 60, 13, 18, 14, 17, 15, 16};

static struct tc_results *ten_rounds(void)
{
    struct tc_results *results = tc_results_new();
    results->id = strdup("a-run");
    results->started = strdup("2026-11-21T20:00:00Z");
    add_rounds(results, "threads", medians, TC_COUNT_OF(medians));
    tc_results_summarise(results);
    return results;
}

static void test_the_interval_says_its_level(void **state)
{
    struct tc_results *results = ten_rounds();
    struct tc_measurement *m = rounds_of(results, "threads");
    (void)state;
    assert_true(m->summary.ci_low == 12 && m->summary.ci_high == 19);
    assert_true(m->summary.ci_level == TC_CI_LEVEL);
    m->level = 0.998;
    tc_measurement_summarise(m);
    assert_true(m->summary.ci_low == 11 && m->summary.ci_high == 60);
    assert_true(m->summary.ci_level == 0.998);
    m->level = 0.9999; /* what ten rounds can't give */
    tc_measurement_summarise(m);
    assert_true(isnan(m->summary.ci_low) && isnan(m->summary.ci_high));
    assert_true(isnan(m->summary.ci_level));
    tc_results_free(results);
}

static void test_outliers_are_counted_and_kept(void **state)
{
    struct tc_results *results = ten_rounds();
    const struct tc_summary *summary = &rounds_of(results, "threads")->summary;
    (void)state;
    assert_int_equal(summary->outliers.high_severe, 1);
    assert_int_equal(summary->outliers.high_mild, 0);
    assert_int_equal(summary->outliers.low_mild + summary->outliers.low_severe, 0);
    assert_true(summary->rounds == 10 && summary->max == 60 && summary->mean == 19.5);
    tc_results_free(results);
}

static void test_few_rounds_have_no_outliers(void **state)
{
    struct tc_results *results = tc_results_new();
    (void)state;
    for (uint64_t block = 0; block < TC_OUTLIERS_MIN; block++) {
        add_round(results, "threads", block, 1);
        tc_results_summarise(results);
        tc_json *document = tc_results_to_json(results);
        const tc_json *summary = tcj_get(tcj_at(tcj_get(document, "measurements"), 0), "summary");
        const tc_json *outliers = tcj_get(summary, "outliers");
        assert_true(block + 1 < TC_OUTLIERS_MIN ? tcj_is_null(outliers) : tcj_size(outliers) == 4);
        tcj_free(document);
    }
    tc_results_free(results);
}

/* The summary without the fields that came with the level. */
static void make_old(tc_json *measurement)
{
    tc_json *summary = tcj_get(measurement, "summary"), *old = tcj_object();
    for (void *it = tcj_first(summary); it; it = tcj_next(summary, it))
        if (strcmp(tcj_key(it), "ci_level") != 0 && strcmp(tcj_key(it), "outliers") != 0)
            tcj_set(old, tcj_key(it), tcj_keep(tcj_value(it)));
    tcj_set(measurement, "summary", old);
}

/* An old interval was made by another rule; it is not shown as if by this one. A new one is taken
 * as it stands. */
static void test_an_old_summary_is_made_anew(void **state)
{
    struct tc_error err = {""};
    struct tc_results *results = ten_rounds();
    (void)state;
    rounds_of(results, "threads")->summary.ci_low = 12.5;
    for (int old = 0; old < 2; old++) {
        tc_json *document = tc_results_to_json(results);
        if (old)
            make_old(tcj_at(tcj_get(document, "measurements"), 0));
        struct tc_results *read = tc_results_from_json(document, "test", &err);
        if (!read)
            fail_msg("%s", err.text);
        const struct tc_measurement *m = rounds_of(read, "threads");
        assert_true(m->summary.ci_low == (old ? 12 : 12.5));
        assert_true(m->summary.ci_level == TC_CI_LEVEL && m->level == TC_CI_LEVEL);
        assert_int_equal(m->summary.outliers.high_severe, 1);
        tc_results_free(read);
        tcj_free(document);
    }
    tc_results_free(results);
}

/* Two rounds as histograms give what one histogram of all their samples gives. */
static void test_histograms_are_merged(void **state)
{
    struct tc_results *results = tc_results_new();
    struct tc_hist *all = tc_hist_new();
    (void)state;
    for (uint64_t block = 0; block < 2; block++) {
        add_round(results, "threads", block, 1);
        struct tc_round *round = &rounds_of(results, "threads")->rounds[block];
        round->sample_count = 0;
        round->hist = tc_hist_new();
        for (uint64_t i = 0; i < 700; i++) {
            tc_hist_add(round->hist, i * i + block * 50000);
            tc_hist_add(all, i * i + block * 50000);
        }
    }
    struct tc_measurement *m = rounds_of(results, "threads");
    tc_measurement_summarise(m);
    assert_int_equal(m->summary.samples, 1400);
    assert_true(m->summary.min == 0 && m->summary.max == 699 * 699 + 50000);
    assert_true(m->summary.p50 == tc_hist_quantile(all, 0.5));
    assert_true(m->summary.p99 == tc_hist_quantile(all, 0.99));
    assert_true(isnan(m->summary.p999));
    tc_hist_free(all);
    tc_results_free(results);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_the_interval_says_its_level),
    cmocka_unit_test(test_outliers_are_counted_and_kept),
    cmocka_unit_test(test_few_rounds_have_no_outliers),
    cmocka_unit_test(test_an_old_summary_is_made_anew),
    cmocka_unit_test(test_histograms_are_merged),
};
TEST_MAIN(tests)
