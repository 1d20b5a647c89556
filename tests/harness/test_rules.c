/* SPDX-License-Identifier: MIT
 *
 * The rules that end a cell and a run, through whole runs of fake workers, and what they do to the
 * intervals, by simulation.
 */
#include "fake_campaign.h"

#include "base/rng.h"

#include <math.h>

/* -- the rules that end a run -- */

static void a_narrow_interval_is_enough_at_the_first_look(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("constant", "10", 19);
    campaign.rules.rounds_min = 3;
    campaign.rules.precision = true;
    run(&campaign);
    assert_string_equal(campaign.stopped_by, "precision");
    assert_int_equal(campaign.cells[0].state, TC_CELL_PRECISE);
    struct tc_results *loaded = load();
    for (size_t i = 0; i < loaded->measurement_count; i++) {
        const struct tc_measurement *m = &loaded->measurements[i];
        assert_int_equal(m->stopped_by, TC_STOP_PRECISION);
        if (m->status != TC_OK)
            continue;
        assert_int_equal(m->round_count, 10);
        assert_true(m->summary.ci_level == 0.998); /* the interval that was looked at is told */
    }
    tc_results_free(loaded);
    tc_campaign_clear(&campaign);
}

static void a_wide_interval_gets_all_rounds(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("drifting", "10", 13);
    campaign.rules.rounds_min = 3;
    campaign.rules.precision = true;
    run(&campaign);
    /* Figures drawn from a clock could be alike by chance, but then they are narrow indeed. */
    const struct tc_measurement *m = cost_of(0);
    assert_int_equal(m->round_count, campaign.cells[0].rounds);
    assert_true(campaign.cells[0].rounds >= 10);
    if (campaign.cells[0].state == TC_CELL_PRECISE) {
        assert_true(tc_is_look(m->round_count));
        assert_true(
            tc_is_precise(results, &fake.plan.cells[0].cell, &fake.plan.cells[0].offer->awaited));
    } else {
        assert_int_equal(m->round_count, 13);
        assert_int_equal(m->stopped_by, TC_STOP_ROUNDS);
        assert_true(m->summary.ci_level == 0.96);
    }
    tc_campaign_clear(&campaign);
}

static void looks_are_fixed_and_their_level_is_paid_for(void **state)
{
    (void)state;
    size_t looks = 0;
    for (uint64_t rounds = 0; rounds <= 100; rounds++)
        looks += tc_is_look(rounds);
    assert_int_equal(looks, 5);
    assert_true(tc_is_look(10) && tc_is_look(18));
    double look = tc_ci_level(true, TC_STOP_PRECISION), last = tc_ci_level(true, TC_STOP_ROUNDS);
    assert_true((double)looks * (1 - look) + (1 - last) < 0.05 + 1e-9);
    assert_true(tc_ci_level(true, TC_STOP_TIME) == last && tc_ci_level(true, TC_STOP_NONE) == last);
    assert_true(tc_ci_level(false, TC_STOP_ROUNDS) == 0.95);
}

static void precision_goes_by_the_interval(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("constant", "10", 10);
    run(&campaign);
    const struct tc_cell *cell = &fake.plan.cells[0].cell;
    struct tc_words metrics = {0};
    struct tc_round *rounds = cost_of(0)->rounds;
    tc_words_add(&metrics, "cost");
    assert_true(tc_is_precise(results, cell, &metrics));
    for (size_t i = 0; i < 10; i++)
        rounds[i].median = 100;
    rounds[3].median = 102; /* of ten, the interval of a look is from the first to the last */
    rounds[7].median = 98;
    assert_true(tc_is_precise(results, cell, &metrics)); /* 2 % to either side */
    rounds[3].median = 102.1;
    assert_false(tc_is_precise(results, cell, &metrics));
    rounds[3].median = 0.0 / 0.0; /* nine are too few for it */
    assert_false(tc_is_precise(results, cell, &metrics));
    for (size_t i = 0; i < 10; i++)
        rounds[i].median = 0; /* always 0: as narrow as can be */
    assert_true(tc_is_precise(results, cell, &metrics));
    tc_words_add(&metrics, "never"); /* skipped: more rounds would not help */
    assert_true(tc_is_precise(results, cell, &metrics));
    tc_words_clear(&metrics);
    assert_false(tc_is_precise(results, cell, &metrics));
    tc_campaign_clear(&campaign);
}

/* -- what the rule does to the intervals, by simulation -- */

/* Figures of mean 100 that are skewed to the right, as times are: their median is known. */
static double draw(struct tc_rng *rng, double spread)
{
    double u = ((double)(tc_rng_next(rng) >> 11) + 0.5) * 0x1p-53;
    return 100 + spread * (-log(u) - log(2));
}

/* One cell under the rule, ended by time after `most` rounds. */
static bool covers(struct tc_rng *rng, double spread, size_t most, size_t *stopped_early)
{
    double values[20], low, high;
    for (size_t n = 1; n <= most; n++) {
        values[n - 1] = draw(rng, spread);
        if (!tc_is_look(n) || n == most)
            continue;
        double median = tc_median(values, n);
        tc_median_ci_in_time(values, n, tc_ci_level(true, TC_STOP_PRECISION), &low, &high);
        if (fmax(high - median, median - low) > 0.02 * median)
            continue;
        ++*stopped_early;
        return low <= 100 && 100 <= high;
    }
    tc_median_ci_in_time(values, most, tc_ci_level(true, TC_STOP_TIME), &low, &high);
    return low <= 100 && 100 <= high;
}

static void optional_stopping_keeps_its_coverage(void **state)
{
    (void)state;
    enum { CELLS_DRAWN = 8000 };
    static const size_t ends[] = {6, 11, 17, 20};
    struct tc_rng rng;
    size_t early = 0;
    tc_rng_seed(&rng, 20261121);
    for (size_t e = 0; e < TC_COUNT_OF(ends); e++) {
        for (double spread = 0.3; spread < 3; spread *= 1.5) {
            size_t covered = 0;
            for (size_t i = 0; i < CELLS_DRAWN; i++)
                covered += covers(&rng, spread, ends[e], &early);
            /* Three standard errors of the simulation below what is promised. */
            assert_true(covered / (double)CELLS_DRAWN >=
                        0.95 - 3 * sqrt(0.95 * 0.05 / CELLS_DRAWN));
        }
    }
    assert_true(early > CELLS_DRAWN); /* the rule was at work */
}

static void a_spent_budget_still_gives_the_fewest_rounds(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("constant", "10,20", 9);
    campaign.rules.rounds_min = 2;
    campaign.rules.budget_ns = 0;
    run(&campaign);
    assert_string_equal(campaign.stopped_by, "time");
    assert_true(results->complete);
    for (size_t i = 0; i < fake.plan.count; i++)
        assert_int_equal(cost_of(i)->round_count, 2);
    tc_campaign_clear(&campaign);
}

static void a_time_limit_is_hard(void **state)
{
    (void)state;
    struct tc_campaign campaign = plan("constant", "10", 3);
    campaign.rules.time_limit_ns = 1;
    run(&campaign);
    assert_string_equal(campaign.stopped_by, "time");
    assert_false(results->complete);
    assert_int_equal(count_runs("constant"), 0);
    assert_int_equal(results->measurement_count, fake.plan.count);
    assert_int_equal(results->measurements[0].status, TC_SKIPPED);
    assert_string_equal(results->measurements[0].reason,
                        "the run's time was spent before its first round");
    tc_results_free(load());
    tc_campaign_clear(&campaign);
}

/* By figures, not by the clock. */
static void a_round_begins_only_if_it_will_fit(void **state)
{
    (void)state;
    const struct tc_rules rules = {.rounds_min = 6, .rounds_max = 20, .budget_ns = 1000};
    assert_true(tc_round_fits(&rules, 0, 100, 0, TC_NEVER));
    assert_true(tc_round_fits(&rules, 6, 100, 900, TC_NEVER));
    assert_false(tc_round_fits(&rules, 6, 100, 901, TC_NEVER)); /* beyond the budget ... */
    assert_true(tc_round_fits(&rules, 5, 100, 901, TC_NEVER));  /* ... only the fewest */
    assert_true(tc_round_fits(&rules, 5, 100, 901, 100));
    assert_false(tc_round_fits(&rules, 0, 100, 901, 99)); /* a limit is above the fewest */
}

/* The run's limit ends a round that its own limit would have let go on: nobody's failure. */
static void a_round_cut_off_by_the_time_limit_has_not_failed(void **state)
{
    (void)state;
    tc_words_add(&fake.request.models, "alpha");
    struct tc_campaign campaign = plan("hang", "10", 3);
    campaign.rules.time_limit_ns = 200 * TC_NS_PER_MS;
    run(&campaign);
    assert_string_equal(campaign.stopped_by, "time");
    assert_int_equal(campaign.cells[0].status, TC_SKIPPED);
    assert_int_equal(campaign.cells[0].rounds, 0);
    tc_campaign_clear(&campaign);
}

static void the_profiles_are_as_documented(void **state)
{
    (void)state;
    static const struct tc_rules expected[] = {
        {"quick", 6, 20, 40, 60 * TC_NS_PER_S, true, false, 0, 0},
        {"default", 6, 20, 100, 480 * TC_NS_PER_S, true, true, 0, 0},
        {"full", 10, 30, 200, 3600 * TC_NS_PER_S, false, true, 0, 0},
    };
    for (size_t i = 0; i < TC_COUNT_OF(expected); i++) {
        const struct tc_rules *rules = tc_rules_of(expected[i].profile);
        assert_non_null(rules);
        assert_string_equal(tc_profile_name(i), expected[i].profile);
        assert_int_equal(rules->rounds_min, expected[i].rounds_min);
        assert_int_equal(rules->rounds_max, expected[i].rounds_max);
        assert_int_equal(rules->measure_ms, expected[i].measure_ms);
        assert_int_equal(rules->budget_ns, expected[i].budget_ns);
        assert_int_equal(rules->precision, expected[i].precision);
        assert_int_equal(rules->system_calls, expected[i].system_calls);
    }
    assert_null(tc_profile_name(3));
    assert_null(tc_rules_of("fast"));
}

static const struct CMUnitTest tests[] = {
    FAKED(a_narrow_interval_is_enough_at_the_first_look),
    FAKED(a_wide_interval_gets_all_rounds),
    cmocka_unit_test(looks_are_fixed_and_their_level_is_paid_for),
    FAKED(precision_goes_by_the_interval),
    cmocka_unit_test(optional_stopping_keeps_its_coverage),
    cmocka_unit_test(a_round_begins_only_if_it_will_fit),
    FAKED(a_spent_budget_still_gives_the_fewest_rounds),
    FAKED(a_time_limit_is_hard),
    FAKED(a_round_cut_off_by_the_time_limit_has_not_failed),
    cmocka_unit_test(the_profiles_are_as_documented),
};
TEST_MAIN(tests)
