/* SPDX-License-Identifier: MIT
 *
 * Slopes: against what SciPy says of the same points (slope_reference.h, made by
 * tests/reference/slope.py), where nothing can be said, and which cells of a document are one line.
 */
#include "test_main.h"

#include "harness/slope.h"

#include "slope_reference.h"

#include <math.h>

static void near(double actual, double expected)
{
    double slack = 1e-9 * fmax(fabs(expected), 1e-6);
    if (!(fabs(actual - expected) <= slack))
        fail_msg("%.17g is not %.17g", actual, expected);
}

static void test_against_scipy(void **state)
{
    (void)state;
    for (size_t i = 0; i < TC_COUNT_OF(slope_references); i++) {
        const struct slope_reference *r = &slope_references[i];
        struct tc_line line;
        assert_true(tc_theil_sen(r->x, r->y, r->count, &line));
        near(line.slope, r->slope);
        near(line.low, r->low);
        near(line.high, r->high);
        near(line.intercept, r->intercept);
    }
}

/* Where no round went wrong, least squares says the same within its error; where some did, only the
 * robust line still does. */
static void test_against_least_squares(void **state)
{
    struct tc_line line;
    const struct slope_reference *good = &slope_references[0], *wild = &slope_references[1];
    (void)state;
    assert_true(tc_theil_sen(good->x, good->y, good->count, &line));
    assert_true(fabs(line.slope - good->least_squares) < 4 * good->error);
    assert_true(tc_theil_sen(wild->x, wild->y, wild->count, &line));
    assert_true(fabs(line.slope - 36000) < 200);
    assert_true(fabs(wild->least_squares - 36000) > 200);
}

static void test_too_few_points(void **state)
{
    const double x[] = {5, 5, 5, 5}, y[] = {1, 2, 3, 4}, two[] = {10, 20};
    struct tc_line line;
    (void)state;
    assert_false(tc_theil_sen(x, y, 0, &line));
    assert_false(tc_theil_sen(x, y, 1, &line));
    assert_false(tc_theil_sen(x, y, 4, &line)); /* all at one x */
    assert_true(isnan(line.slope) && isnan(line.low) && isnan(line.intercept));
    assert_true(tc_theil_sen(two, y, 2, &line)); /* a line, but no interval */
    near(line.slope, 0.1);
    near(line.intercept, 0);
    assert_true(isnan(line.low) && isnan(line.high));
    assert_false(tc_theil_sen(x, y, TC_SLOPE_POINTS_MAX + 1, &line));
}

/* -- of a document -- */

static void add_round(struct tc_results *results, const char *stack, uint64_t tasks, double value,
                      const char *reported)
{
    char text[600];
    struct tc_error err;
    struct tc_cell cell = {0}, parts = {(char[]){"memory-idle"},
                                        (char[]){"threads"},
                                        (char[]){"free"},
                                        tasks,
                                        NULL,
                                        0};
    tc_cell_copy(&cell, &parts);
    tc_cell_set_param(&cell, "stack", stack);
    snprintf(text, sizeof text,
             "{\"protocol\": \"taskcost-worker\", \"protocol_version\": 1, \"model\": \"threads\", "
             "\"workload\": \"memory-idle\", \"status\": \"ok\", \"parameters\": {\"method\": "
             "\"%s\"}, \"metrics\": [{\"name\": \"memory_total\", \"unit\": \"B\", \"samples\": "
             "[%.17g]}]}",
             reported, value);
    tc_json *round = tcj_parse(text, strlen(text), "round", &err);
    assert_non_null(round);
    assert_int_equal(tc_results_add_round(results, &cell, 0, round, &err), 0);
    tcj_free(round);
    tc_cell_clear(&cell);
}

/* 100 for each task, 5000 for the process, and a few more or less. */
static struct tc_results *make_results(void)
{
    struct tc_results *results = tc_results_new();
    for (uint64_t tasks = 1000; tasks <= 8000; tasks += 1000)
        for (int round = -1; round <= 1; round++)
            add_round(results, "64KiB", tasks, 100 + (5000 + 10 * round) / (double)tasks,
                      tasks == 1000 ? "one" : "other");
    add_round(results, "default", 1000, 7, "one");
    add_round(results, "default", 2000, 9, "one");
    add_round(results, "1MiB", 1000, 7, "one");
    tc_results_summarise(results);
    return results;
}

static const struct tc_cell *cell_of(const struct tc_results *results, const char *stack)
{
    for (size_t i = 0; i < results->measurement_count; i++)
        if (strcmp(tc_cell_param(&results->measurements[i].cell, "stack"), stack) == 0)
            return &results->measurements[i].cell;
    fail_msg("no cell with stack %s", stack);
    return NULL;
}

static void test_of_a_document(void **state)
{
    struct tc_results *results = make_results();
    struct tc_slope slope;
    (void)state;
    assert_true(tc_slope_find(results, cell_of(results, "64KiB"), "memory_total", &slope));
    assert_int_equal(slope.values, 8);
    assert_int_equal(slope.points, 24);
    assert_int_equal(slope.tasks_min, 1000);
    assert_int_equal(slope.tasks_max, 8000);
    near(slope.line.slope, 100);
    near(slope.line.intercept, 5000);
    assert_true(slope.line.low > 99.9 && slope.line.low <= slope.line.slope);
    assert_true(slope.line.high < 100.1 && slope.line.high >= slope.line.slope);
    assert_true(slope.residual < 1e-9);
    tc_results_free(results);
}

static void test_few_numbers_of_tasks(void **state)
{
    struct tc_results *results = make_results();
    struct tc_slope slope;
    (void)state;
    assert_true(tc_slope_find(results, cell_of(results, "default"), "memory_total", &slope));
    assert_int_equal(slope.values, 2);
    near(slope.line.slope, 11);
    assert_true(isnan(slope.line.low));
    assert_false(tc_slope_find(results, cell_of(results, "1MiB"), "memory_total", &slope));
    assert_false(tc_slope_find(results, cell_of(results, "64KiB"), "memory_slab", &slope));
    tc_results_free(results);
}

static void test_cells_that_are_not_ok_are_not_on_the_line(void **state)
{
    struct tc_results *results = make_results();
    struct tc_slope slope;
    (void)state;
    for (size_t i = 0; i < results->measurement_count; i++)
        if (results->measurements[i].cell.tasks >= 7000)
            results->measurements[i].status = TC_LIMITED;
    assert_true(tc_slope_find(results, cell_of(results, "64KiB"), "memory_total", &slope));
    assert_int_equal(slope.values, 6);
    assert_int_equal(slope.tasks_max, 6000);
    tc_results_free(results);
}

static void test_a_cell_off_the_line_shows(void **state)
{
    struct tc_results *results = make_results();
    struct tc_slope slope;
    (void)state;
    for (int round = 0; round < 3; round++)
        add_round(results, "64KiB", 9000, 110 + 5000 / 9000.0, "other");
    tc_results_summarise(results);
    assert_true(tc_slope_find(results, cell_of(results, "64KiB"), "memory_total", &slope));
    assert_true(fabs(slope.line.slope - 100) < 3);
    assert_true(slope.residual > 0.05 && slope.residual < 0.11);
    tc_results_free(results);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_against_scipy),
    cmocka_unit_test(test_against_least_squares),
    cmocka_unit_test(test_too_few_points),
    cmocka_unit_test(test_of_a_document),
    cmocka_unit_test(test_few_numbers_of_tasks),
    cmocka_unit_test(test_cells_that_are_not_ok_are_not_on_the_line),
    cmocka_unit_test(test_a_cell_off_the_line_shows),
};
TEST_MAIN(tests)
