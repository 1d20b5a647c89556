/* SPDX-License-Identifier: MIT
 *
 * Two results to be compared and the comparison, made anew for each test.
 */
#ifndef COMPARED_H
#define COMPARED_H

#include "made_results.h"

#include "harness/compare.h"

#include <string.h>

static struct tc_results *base, *new;
static struct tc_comparison comparison;

static inline int set_up(void **state)
{
    (void)state;
    base = made_results("here");
    new = made_results("here");
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    tc_comparison_clear(&comparison);
    tc_results_free(base);
    tc_results_free(new);
    return 0;
}

/* Rounds that spread a little and evenly about `value`. */
static inline void add_rounds(struct tc_results *to, const char *model, const char *metric,
                              const char *unit, double value, uint64_t rounds)
{
    struct tc_cell cell = made_cell("switch-pipe", model);
    for (uint64_t i = 0; i < rounds; i++)
        made_round(to, &cell, i, metric, unit, value * (1 + 0.002 * (double)(i * 7 % 11)), NAN);
}

static inline void compare(void)
{
    struct tc_compare_rules rules = {.min_effect = 0.02, .alpha = 0.05};
    tc_results_summarise(base);
    tc_results_summarise(new);
    tc_compare(&comparison, base, new, &rules);
}

static inline const struct tc_compared *only_row(void)
{
    assert_int_equal(comparison.count, 1);
    return &comparison.rows[0];
}

static inline void near(double given, double expected, double within)
{
    if (!(fabs(given - expected) <= within))
        fail_msg("%g where %g was expected", given, expected);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
